using RdmaCollectives.Diagnostics;
using RdmaCollectives.Execution;

namespace RdmaCollectives.Tests.Execution;

/// <summary>Who is stuck, by what ranks say of themselves: by hand.</summary>
public sealed class WaitGraphTests
{
    private static readonly CallDescription Collective = new() { Kind = CallKind.AllReduce, DataType = 7, ReduceOp = 0, ElementCount = 5, ElementSize = 4, Sequence = 3 };
    private static readonly CallDescription Later = Collective with { Sequence = 4 };
    private static readonly CallDescription Transfer = new() { Kind = CallKind.Receive, DataType = 7, ReduceOp = CallDescription.NoReduction, ElementCount = 5, ElementSize = 4, Sequence = 3 };

    [Fact]
    public void TwoThatReceiveFromEachOther_AreStuck() =>
        AssertStuck([0, 1], Blocked(0, Transfer, [Receive(0, 1)]), Blocked(1, Transfer, [Receive(0, 0)]));

    [Fact]
    public void AMessageUnderWay_IsNoCircle() =>
        AssertStuck([], Blocked(0, Transfer, [Receive(0, 1)]), Blocked(1, Transfer, [Receive(0, 0)], new MessageCount(0, 0, 1, 0)));

    [Fact]
    public void OneThatIsNotBlocked_HelpsAllThatWaitForIt() =>
        AssertStuck([], Blocked(0, Transfer, [Receive(0, 1)]), Blocked(1, Transfer, [Receive(0, 2)]), (2, new RankStatus { IsInCall = true, Call = Transfer }));

    [Fact]
    public void OneThatDidNotAnswer_HelpsAllThatWaitForIt() =>
        AssertStuck([], Blocked(0, Transfer, [Receive(0, 1)]), Blocked(1, Transfer, [Receive(0, 2)]));

    [Fact]
    public void OneThatWaitsForACircle_IsStuckToo() =>
        AssertStuck([0, 1, 2], Blocked(0, Transfer, [Receive(0, 1)]), Blocked(1, Transfer, [Receive(0, 0)]), Blocked(2, Transfer, [Receive(0, 0)]));

    [Fact]
    public void AChoice_GoesOnIfOneOfItDoes() =>
        AssertStuck([], Blocked(0, Transfer, [Receive(0, 1), Receive(0, 2)]), Blocked(1, Transfer, [Receive(0, 0)]), (2, new RankStatus { IsInCall = false }));

    [Fact]
    public void AChoice_OfRanksThatAreAllStuck_IsStuck() =>
        AssertStuck([0, 1, 2], Blocked(0, Transfer, [Receive(0, 1), Receive(0, 2)]), Blocked(1, Transfer, [Receive(0, 0)]), Blocked(2, Transfer, [Receive(0, 1)]));

    [Fact]
    public void OneLaneOfSeveral_ThatIsStuck_HoldsTheCall() =>
        AssertStuck([0, 1], Blocked(0, Transfer, [Receive(0, 1), Receive(1, 2)]), Blocked(1, Transfer, [Receive(0, 0)]), (2, new RankStatus { IsInCall = false }));

    [Fact]
    public void AFullWindow_WhoseReaderIsElsewhere_HoldsTheSender() =>
        AssertStuck([0, 1], Blocked(0, Transfer, [Credit(1, sent: 8)]), Blocked(1, Later, [Receive(0, 0, received: 0) with { Channel = 1 }], new MessageCount(0, 0, 0, 0)));

    [Fact]
    public void AFullWindow_ThatIsBeingRead_DoesNot() =>
        AssertStuck([], Blocked(0, Transfer, [Credit(1, sent: 8)], new MessageCount(1, 0, 8, 0)), Blocked(1, Transfer, [Receive(0, 0)]));

    [Fact]
    public void AWindowThatIsNotFull_DoesNot() =>
        AssertStuck([], Blocked(0, Transfer, [Credit(1, sent: 8)]), Blocked(1, Later, [Receive(0, 0) with { Channel = 1 }], new MessageCount(0, 0, 0, 1)));

    /// <summary>Rank 3 is late. On channel 0 rank 1 waits for 2 and 2 for 3, on channel 1 rank 2 waits for 1 and 1 for 3: a circle of ranks, and none of channels.</summary>
    [Fact]
    public void ChannelsOfACollective_ThatCrossBehindALateRank_AreNoCircle() => AssertStuck(
        [],
        Blocked(1, Collective, [Receive(0, 2), Receive(1, 3) with { Channel = 1 }]),
        Blocked(2, Collective, [Receive(0, 3), Receive(1, 1) with { Channel = 1 }]),
        (3, new RankStatus { IsInCall = false }));

    /// <summary>The same between different calls is one: what rank 1 waits for comes after the whole call of rank 2.</summary>
    [Fact]
    public void CallsThatDiffer_WaitForTheWholeOfEachOther() => AssertStuck(
        [1, 2],
        Blocked(1, Collective, [Receive(0, 2), Receive(1, 3) with { Channel = 1 }]),
        Blocked(2, Later, [Receive(0, 3), Receive(1, 1) with { Channel = 1 }]),
        (3, new RankStatus { IsInCall = false }));

    [Fact]
    public void Circle_FromOneThatWaitsForIt_BeginsWithItsLeastRank()
    {
        var graph = new WaitGraph(new Dictionary<int, RankStatus>([Pair(Blocked(0, Transfer, [Receive(0, 4)])), Pair(Blocked(4, Transfer, [Receive(0, 2)])), Pair(Blocked(2, Transfer, [Receive(0, 3)])), Pair(Blocked(3, Transfer, [Receive(0, 4)]))]));
        Assert.Equal([2, 3, 4], graph.Circle(0));
    }

    /// <summary>What others say is not believed: ranks that there are not, kinds that nobody knows.</summary>
    [Fact]
    public void Nonsense_IsNotStuck() =>
        AssertStuck([], Blocked(0, Transfer, [Receive(0, 77)]), Blocked(1, Transfer, [Receive(0, 0) with { Kind = (AwaitKind)99 }]));

    private static void AssertStuck(int[] expected, params (int Rank, RankStatus Status)[] statuses)
    {
        var graph = new WaitGraph(new Dictionary<int, RankStatus>(statuses.Select(Pair)));
        Assert.Equal(expected, graph.Stuck.Select(one => one.Rank));
    }

    private static KeyValuePair<int, RankStatus> Pair((int Rank, RankStatus Status) one) => new(one.Rank, one.Status);

    private static (int Rank, RankStatus Status) Blocked(int rank, CallDescription call, AwaitedMessage[] awaited, params MessageCount[] counts) =>
        (rank, new RankStatus { IsInCall = true, Call = call, Blockage = new Blockage(1, awaited, counts) });

    private static AwaitedMessage Receive(int lane, int peer, uint received = 0) => new(lane, AwaitKind.Receive, peer, 0, received, 8);

    private static AwaitedMessage Credit(int peer, uint sent) => new(0, AwaitKind.Credit, peer, 0, sent, 8);
}
