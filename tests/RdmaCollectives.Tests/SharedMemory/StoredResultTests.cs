using RdmaCollectives.Schedules;
using RdmaCollectives.Testing;
using RdmaCollectives.Transports.SharedMemory;

namespace RdmaCollectives.Tests.SharedMemory;

/// <summary>Every call by every algorithm between ranks that store results in each other's outputs: exact, nothing beside it touched, in place and not.</summary>
public sealed class StoredResultTests
{
    private const int ChunkBytes = 16 * 1024;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Call_InBuffersOfTheLibrarys_IsExact(int ranks)
    {
        using var world = new ThreadedWorld(ranks, new CommunicatorOptions { ChunkBytes = ChunkBytes });
        world.Run(communicator =>
        {
            foreach (CollectiveCase one in Cases())
            {
                one.Run(communicator);
            }
        });
        Assert.All(world.Ranks, rank => Assert.True(StoredBy(rank) > 100, $"rank {rank.Rank} has stored {StoredBy(rank)} messages"));
    }

    [Fact]
    public void AllReduce_OfTwoRanks_StoresEveryResult()
    {
        const int rounds = 10;
        using var world = new ThreadedWorld(2, new CommunicatorOptions { ChunkBytes = ChunkBytes });
        world.Run(communicator => AllReduce(communicator, rounds * 2 * ChunkBytes));
        Assert.All(world.Ranks, static rank => Assert.Equal(rounds, StoredBy(rank)));
    }

    [Fact]
    public void AllReduce_WithoutPush_StoresNothing()
    {
        using var world = new ThreadedWorld(2, new CommunicatorOptions { ChunkBytes = ChunkBytes, Push = false });
        world.Run(static communicator => AllReduce(communicator, 20 * ChunkBytes));
        Assert.All(world.Ranks, static rank => Assert.Equal(0, StoredBy(rank)));
    }

    /// <summary>A reducer that throws in the middle leaves nobody waiting for the end of what it stored.</summary>
    [Fact]
    public void AllReduce_WhoseReducerThrows_IsAFaultOnBothAtOnce()
    {
        using var world = new ThreadedWorld(2, new CommunicatorOptions { ChunkBytes = ChunkBytes });
        var began = System.Diagnostics.Stopwatch.StartNew();
        world.Run(static communicator =>
        {
            using RegisteredBuffer<int> buffer = communicator.Allocate<int>(20 * ChunkBytes);
            Assert.ThrowsAny<Exception>(() => communicator.AllReduce(buffer.Span, new ThrowingReducer()));
        });
        Assert.True(began.Elapsed < TimeSpan.FromSeconds(20), $"{began.Elapsed}");
        Assert.All(world.Ranks, static rank => Assert.False(rank.TransportsInUse.OfType<SharedMemoryTransport>().Single().IsAnyPeerStoring));
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
        from count in (int[])[4096, 30_011]
        from root in call.HasRoot ? (int[])[0, -1] : [0]
        from inPlace in call.HasInPlace ? (bool[])[false, true] : [false]
        select call with { Type = DataType.Float32, Op = ReduceOp.Average, Count = count, Root = root, InPlace = inPlace, Allocated = true };

    private static long StoredBy(Communicator rank) => rank.TransportsInUse.OfType<SharedMemoryTransport>().Single().StoredCount;

    private readonly struct ThrowingReducer : IReducer<int>
    {
        public static bool IsCommutative => true;

        public void Reduce(ReadOnlySpan<int> source, Span<int> accumulator) => throw new InvalidOperationException("not today");
    }
}
