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
    private const int OutputSize = 8 * Size;

    /// <summary>More than a queue pair's retries take.</summary>
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(4);

    /// <summary>Every call by every algorithm in buffers of the library's: exact, nothing beside it touched, in place and not.</summary>
    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(2, true)]
    public void Call_InBuffersOfTheLibrarys_IsExact(int ranks, bool adaptiveRouting)
    {
        using VerbsWorld world = new((_, options) => (options.ChunkBytes, options.AdaptiveRouting) = (ChunkBytes, adaptiveRouting), ranks);
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

    /// <summary>The rail fails under a result that is on its way into the output: the other rail's key is not the one that was given, so it comes through its slot.</summary>
    [Fact]
    public void Result_LostWithItsRail_ArrivesByTheOtherThroughItsSlot()
    {
        using TransportPair pair = new(rails: 2, slotBytes: Size);
        using StoredMemory memory = new(pair);
        memory.Open();
        using (new Netem([2], "loss 100%"))
        {
            memory.Store();
            Assert.Equal(1, pair.First.StoredCount);
            long start = Stopwatch.GetTimestamp();
            byte* payload = null;
            while (!pair.ToFirst.TryReceive(out _, out payload))
            {
                Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(15), $"Failure: {pair.Second.Failure}; {pair.First.Failure}");
                pair.First.Progress();
                pair.Second.Progress();
                Thread.Sleep(1);
            }

            Assert.True(payload != null);
            Assert.Equal(-1, new ReadOnlySpan<byte>(payload, Size).IndexOfAnyExcept((byte)1));
            Assert.Equal(1, pair.First.StoredCount);
        }
    }

    private static bool CameAfterALoss(bool isFenced)
    {
        using TransportPair pair = new(rails: 1, slotBytes: Size);
        using StoredMemory memory = new(pair);
        memory.Open();
        long lost;
        using (new Netem([2], "loss 100%"))
        {
            lost = Stopwatch.GetTimestamp();
            memory.Store();
            Assert.Equal(1, pair.First.StoredCount);
            if (isFenced)
            {
                pair.Second.Fence();
            }
        }

        while (memory.IsUntouched && Stopwatch.GetElapsedTime(lost) < LongestRetry)
        {
            Thread.Sleep(1);
        }

        return !memory.IsUntouched;
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
        select call with { Type = DataType.Float32, Op = ReduceOp.Average, Count = 70_011, Root = root, InPlace = inPlace, Allocated = true };

    private static long StoredBy(Communicator rank) => rank.TransportsInUse.OfType<RdmaTransport>().Single().StoredCount;

    /// <summary>An output of the second rank's and a message of the first's that belongs in its middle.</summary>
    private sealed class StoredMemory : IDisposable
    {
        private static readonly MessageHeader Header = new() { Hash = 7, Sequence = 1, ByteCount = Size };

        private readonly TransportPair _pair;
        private readonly byte* _sent = (byte*)NativeMemory.AlignedAlloc(Size, 4096);
        private readonly byte* _output = (byte*)NativeMemory.AlignedAlloc(OutputSize, 4096);
        private readonly MemoryRegistration _source;
        private readonly MemoryRegistration _destination;

        public StoredMemory(TransportPair pair)
        {
            _pair = pair;
            new Span<byte>(_sent, Size).Fill(1);
            new Span<byte>(_output, OutputSize).Fill(2);
            _source = new MemoryRegistration(_sent, Size, sharedDescriptor: -1);
            _destination = new MemoryRegistration(_output, OutputSize, sharedDescriptor: -1);
            _source.Keys[TransportIndex.Rdma] = pair.First.Register(_source);
            _destination.Keys[TransportIndex.Rdma] = pair.Second.Register(_destination);
        }

        /// <summary>Nothing was written into the output.</summary>
        public bool IsUntouched => new ReadOnlySpan<byte>(_output, OutputSize).IndexOfAnyExcept((byte)2) < 0;

        public void Open()
        {
            _pair.ToFirst.OpenOutput(Header, _output, OutputSize, _destination);
            Thread.Sleep(200); // nothing tells when a line is there
        }

        public void Store() => Assert.True(_pair.ToSecond.TrySendFrom(Header, _sent, _source, peersOffset: 3 * Size));

        public void Dispose()
        {
            _pair.First.Fence(); // before the memory goes
            _pair.Second.Fence();
            _source.Keys[TransportIndex.Rdma]!.Dispose();
            _destination.Keys[TransportIndex.Rdma]!.Dispose();
            NativeMemory.AlignedFree(_sent);
            NativeMemory.AlignedFree(_output);
        }
    }
}
