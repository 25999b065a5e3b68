using RdmaCollectives.Testing;

namespace RdmaCollectives.Tests.Collectives;

/// <summary>What the caller did wrong is said before anything is sent: the argument, its value, what to do. The communicator works afterwards.</summary>
public sealed class BadArgumentsTests(LocalGroups groups) : IClassFixture<LocalGroups>
{
    private const int Ranks = 3;

    private static readonly float[] s_nine = new float[9];

    private static readonly Dictionary<string, (string Argument, string Text, Action<Communicator> Call)> s_calls = new(StringComparer.Ordinal)
    {
        ["all-reduce into a shorter buffer"] = ("receive", "2 elements and needs 3", c => c.AllReduce<float>(new float[3], new float[2], ReduceOp.Sum)),
        ["all-reduce overlapping in part"] = ("receive", "1 elements apart", c => c.AllReduce<float>(Part(0, 3), Part(1, 3), ReduceOp.Sum)),
        ["all-reduce by an operator that is none"] = ("op", "99", c => c.AllReduce(new float[3].AsSpan(), (ReduceOp)99)),
        ["bits of floats"] = ("op", "BitAnd", c => c.AllReduce(new float[3].AsSpan(), ReduceOp.BitAnd)),
        ["reduce to a root below"] = ("root", "0 to 2", c => c.Reduce(new float[3].AsSpan(), ReduceOp.Sum, -1)),
        ["broadcast from a root above"] = ("root", "0 to 2", c => c.Broadcast(new float[3].AsSpan(), 3)),
        ["gather to a root above"] = ("root", "0 to 2", c => c.Gather<float>(new float[3], new float[9], 3)),
        ["scatter from a root below"] = ("root", "0 to 2", c => c.Scatter<float>(new float[9], new float[3], int.MinValue)),
        ["gather with counts to a root above"] = ("root", "0 to 2", c => c.Gather<float>(new float[3], new float[9], [3, 3, 3], [], 3)),
        ["all-gather into a shorter buffer"] = ("receive", "8 elements and needs 9", c => c.AllGather<float>(new float[3], new float[8])),
        ["all-gather in place that does not divide"] = ("inPlace", "multiple of 3", c => c.AllGather(new float[8].AsSpan())),
        ["all-gather from beside its own block"] = ("receive", "own block", c => c.AllGather<float>(Part((3 * c.Rank) + (c.Rank == 2 ? -1 : 1), 3), s_nine)),
        ["all-gather with too few counts"] = ("counts", "2 elements and needs 3", c => c.AllGather<float>(new float[3], new float[9], [3, 3])),
        ["all-gather with a negative count"] = ("counts", "counts[1] is negative", c => c.AllGather<float>(new float[3], new float[9], [3, -3, 3])),
        ["all-gather with a negative displacement"] = ("displacements", "displacements[2] is negative", c => c.AllGather<float>(new float[3], new float[9], [3, 3, 3], [0, 3, -6])),
        ["all-gather with too many displacements"] = ("displacements", "4 elements and needs 3", c => c.AllGather<float>(new float[3], new float[9], [3, 3, 3], [0, 3, 6, 9])),
        ["all-gather beyond the end"] = ("counts", "elements 7 to 9 of receive, which has 9", c => c.AllGather<float>(new float[3], new float[9], [3, 3, 3], [0, 3, 7])),
        ["all-gather beyond all numbers"] = ("counts", "of receive, which has 9", c => c.AllGather<float>(new float[3], new float[9], [3, 3, int.MaxValue], [0, 3, int.MaxValue])),
        ["all-gather of blocks that overlap"] = ("displacements", "blocks of ranks 2 and 0 overlap", c => c.AllGather<float>(new float[3], new float[9], [3, 3, 3], [2, 6, 0])),
        ["all-gather of another length than its count"] = ("send", "3 elements and needs 2", c => c.AllGather<float>(new float[3], new float[6], [2, 2, 2])),
        ["reduce-scatter of a longer buffer"] = ("send", "10 elements and needs 9", c => c.ReduceScatter<float>(new float[10], new float[3], ReduceOp.Sum)),
        ["reduce-scatter in place that does not divide"] = ("inPlace", "multiple of 3", c => c.ReduceScatter(new float[8].AsSpan(), ReduceOp.Sum)),
        ["reduce-scatter beyond the end"] = ("counts", "elements 6 to 9 of send, which has 9", c => c.ReduceScatter<float>(new float[9], new float[3], [3, 3, 4], ReduceOp.Sum)),
        ["reduce-scatter into another length than its count"] = ("receive", "4 elements and needs 3", c => c.ReduceScatter<float>(new float[9], new float[4], [3, 3, 3], ReduceOp.Sum)),
        ["all-to-all that does not divide"] = ("send", "multiple of 3", c => c.AllToAll<float>(new float[8], new float[8])),
        ["all-to-all of two lengths"] = ("receive", "6 elements and needs 9", c => c.AllToAll<float>(new float[9], new float[6])),
        ["all-to-all of two counts for itself"] = ("receiveCounts", "gives itself", c => c.AllToAll<float>(new float[3], [1, 1, 1], [], new float[6], [2, 2, 2], [])),
        ["all-to-all of blocks that overlap"] = ("receiveDisplacements", "overlap", c => c.AllToAll<float>(new float[6], [2, 2, 2], [], new float[6], [2, 2, 2], [0, 1, 4])),
        ["all-to-all with counts in place"] = ("receive", "overlap", c => c.AllToAll<float>(s_nine, [3, 3, 3], [], s_nine, [3, 3, 3], [])),
        ["send to itself"] = ("destination", "itself alone", c => c.Send<float>(new float[3], c.Rank)),
        ["receive from itself"] = ("source", "itself alone", c => c.Receive(new float[3].AsSpan(), c.Rank)),
        ["send to a rank above"] = ("destination", "0 to 2", c => c.Send<float>(new float[3], 3)),
        ["receive from a rank below"] = ("source", "0 to 2", c => c.Receive(new float[3].AsSpan(), -1)),
        ["send and receive overlapping"] = ("receive", "overlap", c => c.SendReceive<float>(Part(0, 4), (c.Rank + 1) % Ranks, Part(3, 4), (c.Rank + 2) % Ranks)),
        ["an algorithm that does not exist"] = ("options", "no algorithm 'rings'. It has: ", c => c.AllReduce(new float[3].AsSpan(), ReduceOp.Sum, By("rings"))),
        ["another collective's algorithm"] = ("options", "no algorithm 'dissemination'", c => c.Broadcast(new float[3].AsSpan(), 0, By("dissemination"))),
        ["a ring for a reducer that does not commute"] = ("options", "order of ranks", c => c.AllReduce(new Affine[3].AsSpan(), default(AffineReducer), By("ring"))),
        ["a ring in bit-exact mode"] = ("options", "fixed tree", c => c.AllReduce(new float[3].AsSpan(), ReduceOp.Sum, new OperationOptions { Algorithm = "ring", BitExact = true })),
        ["counts through ranks that do not know them"] = ("options", "blocks of one size", c => c.AllToAll<float>(new float[9], [3, 3, 3], [], new float[9], [3, 3, 3], [], By("bruck"))),
        ["gathered counts through a tree"] = ("options", "blocks of one size", c => c.Gather<float>(new float[3], new float[9], [3, 3, 3], [], 1, By("tree"))),
    };

    public static TheoryData<string> Calls => [.. s_calls.Keys];

    [Theory]
    [MemberData(nameof(Calls))]
    public void Call_WrongOnEveryRank_IsArgumentExceptionAndNothingIsSent(string what)
    {
        (string argument, string text, Action<Communicator> call) = s_calls[what];
        groups.Run(Ranks, communicator => AssertRefused(communicator, argument, text, call));
    }

    /// <summary>What only the root can see: the others are not in the call yet, and it can be made again.</summary>
    [Fact]
    public void Call_WrongAtTheRoot_IsArgumentExceptionThereAlone() => groups.Run(Ranks, communicator =>
    {
        if (communicator.Rank == 1)
        {
            Assert.Throws<ArgumentException>("receive", () => communicator.Reduce<float>(new float[3], new float[4], ReduceOp.Sum, 1));
            Assert.Throws<ArgumentException>("receive", () => communicator.Gather<float>(new float[3], new float[10], 1));
            Assert.Throws<ArgumentException>("counts", () => communicator.Gather<float>(new float[3], new float[9], [3, 3], [], 1));
            Assert.Throws<ArgumentException>("displacements", () => communicator.Gather<float>(new float[3], new float[9], [3, 3, 3], [0, 2, 6], 1));
            Assert.Throws<ArgumentException>("send", () => communicator.Scatter<float>(new float[8], new float[3], 1));
            Assert.Throws<ArgumentException>("counts", () => communicator.Scatter<float>(new float[8], [3, 3, 3], [], new float[3], 1));
        }

        Works(communicator);
    });

    [Fact]
    public unsafe void Call_PointersThatAreNull_AreArgumentNullException() => groups.Run(Ranks, communicator =>
    {
        float one = 0;
        float* some = &one;
        Assert.Throws<ArgumentNullException>("send", () => communicator.AllGather(null, (void*)4096, 1, DataType.Float32));
        Assert.Throws<ArgumentNullException>("receive", () => communicator.Receive(null, 1, DataType.Float32, (communicator.Rank + 1) % Ranks));
        Assert.Throws<ArgumentOutOfRangeException>("type", () => communicator.Broadcast((void*)4096, 1, (DataType)99, 0));
        Assert.Throws<ArgumentOutOfRangeException>("elementCount", () => communicator.AllGather((void*)4096, (void*)8192, nuint.MaxValue / 2, DataType.Float32));
        Works(communicator);
        GC.KeepAlive((nint)some);
    });

    private static void AssertRefused(Communicator communicator, string argument, string text, Action<Communicator> call)
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => call(communicator));
        Assert.Equal(argument, error.ParamName);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Works(communicator);
    }

    private static void Works(Communicator communicator)
    {
        int[] sum = [communicator.Rank];
        communicator.AllReduce(sum.AsSpan(), ReduceOp.Sum);
        Assert.Equal(Ranks * (Ranks - 1) / 2, sum[0]);
    }

    private static OperationOptions By(string algorithm) => new() { Algorithm = algorithm };

    private static Span<float> Part(int start, int length) => s_nine.AsSpan(start, length);
}
