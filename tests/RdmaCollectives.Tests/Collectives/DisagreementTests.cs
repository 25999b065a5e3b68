using System.Diagnostics;

namespace RdmaCollectives.Tests.Collectives;

/// <summary>Ranks that make calls that do not go together: a typed exception on every rank, soon, and no hang.</summary>
public sealed class DisagreementTests
{
    /// <summary>Far below the timeout of a call (30 s), far above what it takes: ranks that exchange no message ask after 100 ms.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    /// <summary>What rank 0 does, what rank 1 does, and what all others do.</summary>
    private static readonly Dictionary<string, (Action<Communicator> Zero, Action<Communicator> One, Action<Communicator> Others)> s_calls = new(StringComparer.Ordinal)
    {
        ["reduce and broadcast"] = Pair(c => c.Reduce(Values(7), ReduceOp.Sum, 0), c => c.Broadcast(Values(7), 0)),
        ["all-reduce and all-gather"] = Pair(c => c.AllReduce(Values(7), ReduceOp.Sum), c => c.AllGather<int>(Values(7), Values(7 * c.WorldSize))),
        ["gather and scatter"] = Pair(c => c.Gather<int>(Values(7), Values(7 * c.WorldSize), 0), c => c.Scatter<int>(Values(7 * c.WorldSize), Values(7), 0)),
        ["barrier and all-reduce"] = Pair(c => c.Barrier(), c => c.AllReduce(Values(7), ReduceOp.Sum)),
        ["counts of a broadcast"] = Pair(c => c.Broadcast(Values(7), 0), c => c.Broadcast(Values(8), 0)),
        ["counts of a reduction, large"] = Pair(c => c.Reduce(Values(100_000), ReduceOp.Sum, 0), c => c.Reduce(Values(99_999), ReduceOp.Sum, 0)),
        ["types of an all-gather"] = Pair(c => c.AllGather<int>(Values(7), Values(7 * c.WorldSize)), c => c.AllGather<float>(new float[7], new float[7 * c.WorldSize])),
        ["operators of a reduce-scatter"] = Pair(c => c.ReduceScatter<int>(Values(7 * c.WorldSize), Values(7), ReduceOp.Sum), c => c.ReduceScatter<int>(Values(7 * c.WorldSize), Values(7), ReduceOp.Max)),
        ["counts of an all-gather with counts"] = Pair(c => c.AllGather<int>(Values(c.Rank == 0 ? 3 : 2), Values(99), Counts(c, 3, 2)), c => c.AllGather<int>(Values(c.Rank == 0 ? 3 : 4), Values(99), Counts(c, 3, 4))),
        ["counts of a pair in an all-to-all"] = Pair(c => c.AllToAll<int>(Values(99), Counts(c, 2, 2), [], Values(99), Counts(c, 2, 2), []), c => c.AllToAll<int>(Values(99), Counts(c, 3, 2), [], Values(99), Counts(c, 2, 2), [])),
        ["what a rank gives to a gather and its root expects"] = Pair(c => c.Gather<int>(Values(2), Values(99), Counts(c, 2, 2), [], 0), c => c.Gather<int>(Values(c.Rank == 1 ? 3 : 2), default, [], [], 0)),
        ["bit-exact or not"] = Pair(c => c.AllReduce(Values(7), ReduceOp.Sum), c => c.AllReduce(Values(7), ReduceOp.Sum, new OperationOptions { BitExact = true })),
        ["algorithms"] = Pair(c => c.AllReduce(Values(7), ReduceOp.Sum, new OperationOptions { Algorithm = "ring" }), c => c.AllReduce(Values(7), ReduceOp.Sum, new OperationOptions { Algorithm = "tree" })),
        ["roots that both wait"] = (c => c.Broadcast(Values(7), 1), c => c.Broadcast(Values(7), 0), c => c.Broadcast(Values(7), 0)),
        ["roots of a large gather that both wait"] = Pair(c => c.Gather<int>(Values(70_000), Values(70_000 * c.WorldSize), 0), c => c.Gather<int>(Values(70_000), Values(70_000 * c.WorldSize), 1)),
        ["roots that both send"] = Pair(c => c.Broadcast(Values(7), 0), c => c.Broadcast(Values(7), 1)),
        ["order"] = Pair(c => Then(() => c.AllReduce(Values(7), ReduceOp.Sum), c), c => Then(() => c.Barrier(), () => c.AllReduce(Values(7), ReduceOp.Sum))),
        ["one more call"] = Pair(c => Then(() => c.AllReduce(Values(7), ReduceOp.Sum), c), c => c.Barrier()),
        ["count of a transfer"] = (c => Then(() => c.Send<int>(Values(7), 1), c), c => Then(() => c.Receive(Values(8), 0), c), c => c.Barrier()),
        ["type of a transfer"] = (c => Then(() => c.Send<int>(Values(7), 1), c), c => Then(() => c.Receive(new float[7].AsSpan(), 0), c), c => c.Barrier()),
        ["a large transfer of another count"] = (c => Then(() => c.Send<int>(Values(100_000), 1), c), c => Then(() => c.Receive(Values(100_001), 0), c), c => c.Barrier()),
        ["a send to one in a collective"] = (c => Then(() => c.Send<int>(Values(7), 1), c), c => c.AllReduce(Values(7), ReduceOp.Sum), c => c.AllReduce(Values(7), ReduceOp.Sum)),
        ["a receive from one in a collective"] = (c => c.Receive(Values(7), 1), c => c.AllReduce(Values(7), ReduceOp.Sum), c => c.AllReduce(Values(7), ReduceOp.Sum)),
    };

    public static TheoryData<string, int> Disagreements()
    {
        var data = new TheoryData<string, int>();
        foreach (string about in s_calls.Keys)
        {
            data.Add(about, 2);
            data.Add(about, 4);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Disagreements))]
    public void Calls_ThatDoNotGoTogether_AreTypedExceptionsOnEveryRankSoon(string about, int ranks)
    {
        (Action<Communicator> zero, Action<Communicator> one, Action<Communicator> others) = s_calls[about];
        using LocalGroup group = Communicator.CreateLocalGroup(ranks, new CommunicatorOptions { ChunkBytes = 4096, Timeout = TimeSpan.FromSeconds(30) });
        var errors = new Exception?[ranks];
        long start = Stopwatch.GetTimestamp();
        group.Run(communicator => errors[communicator.Rank] = Record.Exception(() => (communicator.Rank switch { 0 => zero, 1 => one, _ => others })(communicator)));
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        for (int rank = 0; rank < ranks; rank++)
        {
            var mismatch = Assert.IsType<CollectiveMismatchException>(errors[rank]);
            Assert.Equal(errors[0]!.Message, mismatch.Message);
            Assert.NotNull(mismatch.PeerCall);
            Assert.True(!string.Equals(mismatch.OwnCall, mismatch.PeerCall, StringComparison.Ordinal) || mismatch.Message.Contains("is in it", StringComparison.Ordinal), mismatch.Message);
            Assert.Equal(ranks, mismatch.RankStates.Count);
        }

        Assert.True(took < Soon, $"It took {took}.");
    }

    [Theory]
    [InlineData("AllReduce")]
    [InlineData("Reduce")]
    [InlineData("ReduceScatter")]
    public void Reducer_ThatThrowsOnOneRank_IsAFaultOnAll(string collective)
    {
        using LocalGroup group = Communicator.CreateLocalGroup(4, LocalGroups.Options);
        var errors = new Exception?[4];
        group.Run(communicator => errors[communicator.Rank] = Record.Exception(() =>
        {
            Execution.ScriptedReducer reducer = Execution.ScriptedReducer.Of(communicator.Rank == 0 ? () => throw new FormatException("boom") : () => { });
            int[] values = new int[4000];
            switch (collective)
            {
                case "AllReduce": communicator.AllReduce(values.AsSpan(), reducer); break;
                case "Reduce": communicator.Reduce(values, new int[4000], reducer, 0); break;
                default: communicator.ReduceScatter(values, new int[1000], reducer); break;
            }

            communicator.Barrier();
        }));
        Assert.All(errors, error => Assert.Equal(Error.Reducer, Assert.IsType<CommunicatorFaultException>(error).Reason));
        Assert.IsType<FormatException>(errors[0]!.InnerException);
    }

    // Rank 0 alone makes the one call, all others the other one.
    private static (Action<Communicator> Zero, Action<Communicator> One, Action<Communicator> Others) Pair(Action<Communicator> zero, Action<Communicator> others) =>
        (c => Then(() => zero(c), c), c => Then(() => others(c), c), c => Then(() => others(c), c));

    // A rank that could end its call goes on to the next one.
    private static void Then(Action first, Communicator communicator) => Then(first, () => communicator.Barrier());

    private static void Then(Action first, Action second)
    {
        first();
        second();
    }

    private static Span<int> Values(int count) => new int[count];

    private static int[] Counts(Communicator communicator, int ofRankZero, int ofOthers) => [ofRankZero, .. Enumerable.Repeat(ofOthers, communicator.WorldSize - 1)];
}
