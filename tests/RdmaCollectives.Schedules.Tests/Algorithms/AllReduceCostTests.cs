using System.Numerics;
using RdmaCollectives.Schedules.Algorithms;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests.Algorithms;

/// <summary>What the texts about all-reduce say of its costs.</summary>
public sealed class AllReduceCostTests
{
    public static TheoryData<int> RankCounts() => [2, 3, 4, 5, 7, 8, 13, 16, 17, 31, 33, 64, 65, 100];

    public static TheoryData<int, int> Hosts() => new() { { 4, 2 }, { 6, 2 }, { 6, 3 }, { 8, 4 }, { 12, 4 }, { 15, 5 }, { 16, 1 }, { 16, 16 }, { 32, 8 }, { 60, 6 } };

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_BidirectionalRing_SendsWhatTheRingSendsInHalfAsLargeMessages(int n)
    {
        ScheduleReport ring = ScheduleVerifier.Verify(RingAllReduce.Instance, new Shape(n));
        ScheduleReport report = ScheduleVerifier.Verify(BidirectionalRingAllReduce.Instance, new Shape(n));

        Assert.Equal((ring.VolumePerRank, 2 * ring.MessagesSent, ring.Hops), (report.VolumePerRank, report.MessagesSent, n == 2 ? 2 : report.Hops));
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void GetStep_BidirectionalRing_SendsAsMuchOneWayAsTheOther(int n)
    {
        int[] up = [.. Sends(BidirectionalRingAllReduce.Instance, new Shape(n), 0).Where(step => step.Chunk < n).Select(static step => step.SendPeer)];
        int[] down = [.. Sends(BidirectionalRingAllReduce.Instance, new Shape(n), 0).Where(step => step.Chunk >= n).Select(static step => step.SendPeer)];

        Assert.Equal((2 * (n - 1), 2 * (n - 1)), (up.Length, down.Length));
        Assert.All(up, static peer => Assert.Equal(1, peer));
        Assert.All(down, peer => Assert.Equal(n - 1, peer));
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_DoubleTree_SendsTwoBuffersInALogarithmOfHops(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(DoubleTreeAllReduce.Instance, new Shape(n));

        int height = DoubleTree.InRankOrder(n, isSecond: false).Height;
        Assert.Equal(4 * height, report.Chunks);
        Assert.InRange(report.VolumePerRank, 1, 2);
        Assert.Equal(2L * (n - 1) * report.Chunks, report.TotalChunksSent);
        Assert.InRange(report.Hops, 2 * height, 6 * height);
        Assert.Equal(0, report.ScratchPlanes);
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_HalvingDoubling_SendsTheLeastInTwiceALogarithmOfHops(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(HalvingDoublingAllReduce.Instance, new Shape(n));

        (int levels, int p, int folded) = Folding(n);
        Assert.Equal((2 * (levels + folded), (2.0 * (p - 1) / p) + folded), (report.Hops, report.VolumePerRank));
        Assert.Equal((p - 1 + (folded * p), 0), (report.Reductions, report.ScratchPlanes));
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_RecursiveDoubling_SendsTheBufferInALogarithmOfHops(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(RecursiveDoublingAllReduce.Instance, new Shape(n));

        (int levels, int p, int folded) = Folding(n);
        int more = Math.Min(2, n - p); // what a single pair adds on the way in does not come back to it
        Assert.Equal((1, levels + more, levels + folded, levels), (report.Chunks, report.Hops, report.MessagesSent, report.ScratchPlanes));
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_Tree_SendsTheFewestMessages(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(TreeAllReduce.Instance, new Shape(n));

        (int levels, _, int folded) = Folding(n);
        Assert.Equal(2 * (n - 1), report.TotalChunksSent);
        Assert.InRange(report.Hops, 2 * levels, 2 * (levels + folded));
        Assert.Equal(levels + folded, report.MessagesSent);
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_AllPairs_SendsTheLeastInTwoHops(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(AllPairsAllReduce.Instance, new Shape(n));

        Assert.Equal((2, 2 * (n - 1), 2.0 * (n - 1) / n, n - 1), (report.Hops, report.MessagesSent, report.VolumePerRank, report.Reductions));
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_DirectFixed_TakesOneHopAndAPlanePerLevel(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(FixedDirectAllReduce.Instance, new Shape(n));

        Assert.Equal((1, n - 1, n - 1), (report.Hops, report.MessagesSent, report.Reductions));
        Assert.Equal(FixedDirectAllReduce.Instance.ScratchPlanes(new Shape(n)), report.ScratchPlanes);
        Assert.True(report.IsFixedTree);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void GetStep_TwoLevel_OneRankOfAHostUsesTheNetwork(int n, int local)
    {
        var shape = new Shape(n, LocalRanks: local);
        int hosts = n / local;
        (_, int p, int folded) = Folding(hosts);
        int chunks = TwoLevelAllReduce.Instance.ChunkCount(shape);

        for (int rank = 0; rank < n; rank++)
        {
            int outside = Sends(TwoLevelAllReduce.Instance, shape, rank).Where(step => step.SendPeer / local != rank / local).Sum(static step => step.Count);
            Assert.InRange(outside, 0, rank % local != 0 ? 0 : (2 * (p - 1)) + (folded * chunks));
        }
    }

    [Theory]
    [InlineData(4, 2, 4)]
    [InlineData(8, 4, 6)]
    [InlineData(32, 8, 10)]
    [InlineData(16, 16, 8)]
    [InlineData(16, 1, 8)]
    public void Verify_TwoLevelOnPowersOfTwo_TakesTwiceALogarithmOfHops(int n, int local, int hops) =>
        Assert.Equal(hops, ScheduleVerifier.Verify(TwoLevelAllReduce.Instance, new Shape(n, LocalRanks: local)).Hops);

    [Theory]
    [MemberData(nameof(Hosts))]
    public void GetStep_ByRail_EveryRankSendsItsShareOnItsOwnRail(int n, int local)
    {
        var shape = new Shape(n, LocalRanks: local);
        int hosts = n / local;

        for (int rank = 0; rank < n; rank++)
        {
            Step[] outside = [.. Sends(ByRailAllReduce.Instance, shape, rank).Where(step => step.SendPeer / local != rank / local)];
            Assert.Equal(hosts == 1 ? 0 : 2 * (hosts - 1), outside.Length); // of n chunks
            Assert.All(outside, step => Assert.Equal(rank % local, step.SendPeer % local));
            int inside = Sends(ByRailAllReduce.Instance, shape, rank).Length - outside.Length;
            Assert.Equal(2 * (local - 1) * hosts, inside);
        }
    }

    [Fact]
    public void Supports_HalvingDoubling_EndsWhereAStepCannotCountTheChunks()
    {
        Assert.True(HalvingDoublingAllReduce.Instance.Supports(new Shape(32_767)));
        Assert.False(HalvingDoublingAllReduce.Instance.Supports(new Shape(32_768)));
    }

    private static (int Levels, int Operands, int Folded) Folding(int n)
    {
        int levels = BitOperations.Log2((uint)n);
        return (levels, 1 << levels, n > 1 << levels ? 1 : 0);
    }

    private static Step[] Sends(ISchedule schedule, Shape shape, int rank) =>
        [.. Enumerable.Range(0, schedule.StepCount(shape, rank)).Select(index => schedule.GetStep(shape, rank, index)).Where(static step => step.HasSend)];
}
