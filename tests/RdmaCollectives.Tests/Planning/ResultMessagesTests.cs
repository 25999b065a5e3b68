using RdmaCollectives.Planning;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Tests.Planning;

public sealed class ResultMessagesTests
{
    /// <summary>Around the ring a chunk is partial until the rank that completes it sends it on; from then on it is a result wherever it comes.</summary>
    [Fact]
    public void Next_Ring_IsAResultFromTheCompleteChunkOn() =>
        Assert.Equal([-1, -1, 2, 1], Sent(CollectiveKind.AllReduce, "ring", new Shape(3), rank: 2));

    /// <summary>Operands that a rank keeps in its output until they are reduced are no results; the chunk that comes from the rank that reduced it is.</summary>
    [Fact]
    public void Next_AllPairs_IsAResultInTheSecondHop() =>
        Assert.Equal([-1, -1, 1, 1], Sent(CollectiveKind.AllReduce, "all-pairs", new Shape(3), rank: 1));

    [Fact]
    public void Next_SeveralChannels_FollowsEachFifo() =>
        Assert.Equal([-1, -1, 0, 2], Sent(CollectiveKind.AllReduce, "ring", new Shape(2, Channels: 2), rank: 0));

    [Fact]
    public void Next_AllToAll_IsTheBlockOfTheSenderAtTheReceiver() =>
        Assert.All(Sent(CollectiveKind.AllToAll, "pairwise", new Shape(4), rank: 3), chunk => Assert.Equal(3, chunk));

    private static int[] Sent(CollectiveKind collective, string name, Shape shape, int rank)
    {
        ISchedule schedule = ScheduleCatalog.Find(collective, name)!;
        var results = new ResultMessages(schedule, shape, rank);
        return [.. Enumerable.Range(0, schedule.StepCount(shape, rank)).Select(index => schedule.GetStep(shape, rank, index)).Where(static step => step.HasSend).Select(step => results.Next(step.SendPeer, step.Channel))];
    }
}
