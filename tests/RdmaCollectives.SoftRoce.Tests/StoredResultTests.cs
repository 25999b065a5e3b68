using System.Diagnostics;
using System.Runtime.InteropServices;
using RdmaCollectives.Schedules;
using RdmaCollectives.Testing;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.Rdma;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>Results that are written straight into the output of the rank that gets them, by the adapter.</summary>
public sealed unsafe class StoredResultTests
{
    private const int ChunkBytes = 32 * 1024;
    private const int Size = 32 * 1024;

    /// <summary>More than a queue pair's retries take.</summary>
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(4);

    /// <summary>Every call by every algorithm in buffers of the library's: exact, nothing beside it touched, in place and not.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Call_InBuffersOfTheLibrarys_IsExact(int ranks)
    {
        using VerbsWorld world = new((_, options) => options.ChunkBytes = ChunkBytes, ranks);
        world.Run(communicator =>
        {
            foreach (CollectiveCase one in Cases())
            {
                one.Run(communicator);
            }
        });
        Assert.All(world.Ranks, static rank => Assert.True(StoredBy(rank) > 50, $"rank {rank.Rank} has stored {StoredBy(rank)} messages"));
    }

    /// <summary>Of two ranks the result of a ring goes over in one hop, and the window is there before it.</summary>
    [Fact]
    public void AllReduce_OfTwoRanks_StoresEveryResultAndTakesNoneFromASlot()
    {
        const int rounds = 6;
        using VerbsWorld world = new(static (_, options) => (options.ChunkBytes, options.Channels) = (ChunkBytes, 1));
        world.Run(static communicator => AllReduce(communicator, rounds * 2 * ChunkBytes));
        Assert.All(world.Ranks, static rank => Assert.Equal(rounds, StoredBy(rank)));
    }

    [Fact]
    public void AllReduce_WithoutPush_StoresNothing()
    {
        using VerbsWorld world = new(static (_, options) => (options.ChunkBytes, options.Push) = (ChunkBytes, false));
        world.Run(static communicator => AllReduce(communicator, 12 * ChunkBytes));
        Assert.All(world.Ranks, static rank => Assert.Equal(0, StoredBy(rank)));
    }

    /// <summary>A result was lost on its way, and is sent again when its owner has long been told of a fault: it does not get into memory that is the owner's own again. Without the fence it does, so that the test is known to tell.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fence_WhileAResultIsLostOnItsWay_KeepsItOutOfTheOutput(bool isFenced)
    {
        bool came = CameAfterALoss(isFenced);
        for (int again = 0; again < 4 && !isFenced && !came; again++)
        {
            came = CameAfterALoss(isFenced); // the network was not healed before the retries ran out
        }

        Assert.Equal(!isFenced, came);
    }

    private static bool CameAfterALoss(bool isFenced)
    {
        using TransportPair pair = new(rails: 1, slotBytes: Size);
        byte* sent = (byte*)NativeMemory.AlignedAlloc(Size, 4096);
        byte* output = (byte*)NativeMemory.AlignedAlloc(Size, 4096);
        try
        {
            var source = new MemoryRegistration(sent, Size, sharedDescriptor: -1);
            var destination = new MemoryRegistration(output, Size, sharedDescriptor: -1);
            using IDisposable? sourceKey = source.Keys[TransportIndex.Rdma] = pair.First.Register(source);
            using IDisposable? destinationKey = destination.Keys[TransportIndex.Rdma] = pair.Second.Register(destination);
            new Span<byte>(sent, Size).Fill(1);
            new Span<byte>(output, Size).Fill(2);
            var header = new MessageHeader { Hash = 7, Sequence = 1, ByteCount = Size };
            pair.ToFirst.OpenOutput(header, output, Size, destination);
            Thread.Sleep(200); // nothing tells when a line is there
            long lost;
            using (new Netem([2], "loss 100%"))
            {
                lost = Stopwatch.GetTimestamp();
                Assert.True(pair.ToSecond.TrySendFrom(header, sent, source, peersOffset: 0));
                Assert.Equal(1, pair.First.StoredCount);
                if (isFenced)
                {
                    pair.Second.Fence();
                }
            }

            while (output[Size - 1] == 2 && Stopwatch.GetElapsedTime(lost) < LongestRetry)
            {
                Thread.Sleep(1);
            }

            bool came = new ReadOnlySpan<byte>(output, Size).IndexOfAnyExcept((byte)2) >= 0;
            pair.First.Fence(); // before the memory goes
            pair.Second.Fence();
            return came;
        }
        finally
        {
            NativeMemory.AlignedFree(sent);
            NativeMemory.AlignedFree(output);
        }
    }

    private static void AllReduce(Communicator communicator, int byteCount)
    {
        using RegisteredBuffer<int> buffer = communicator.Allocate<int>(byteCount / sizeof(int));
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer.Span[i] = i + communicator.Rank;
        }

        communicator.AllReduce(buffer.Span, ReduceOp.Sum);
        for (int i = 0; i < buffer.Length; i++)
        {
            Assert.Equal((2 * i) + 1, buffer.Span[i]);
        }
    }

    private static IEnumerable<CollectiveCase> Cases() =>
        from call in MatrixCases.Calls()
        where call.Kind != CaseKind.Barrier && call.Collective is not null && !call.HasCounts
        from root in call.HasRoot ? (int[])[0, -1] : [0]
        from inPlace in call.HasInPlace ? (bool[])[false, true] : [false]
        select call with { Type = DataType.Float32, Op = ReduceOp.Average, Count = 60_011, Root = root, InPlace = inPlace, Allocated = true };

    private static long StoredBy(Communicator rank) => rank.TransportsInUse.OfType<RdmaTransport>().Single().StoredCount;
}
