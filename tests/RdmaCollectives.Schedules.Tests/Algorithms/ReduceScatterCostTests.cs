using System.Numerics;
using RdmaCollectives.Schedules.Algorithms;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests.Algorithms;

/// <summary>What the texts about reduce-scatter say of its costs.</summary>
public sealed class ReduceScatterCostTests
{
    public static TheoryData<int> RankCounts() => AllGatherCostTests.RankCounts();

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_Ring_TakesAHopPerRank(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(RingReduceScatter.Instance, new Shape(n));

        Assert.Equal((n - 1, n - 1, n - 1, n - 1, 0), (report.Hops, report.MessagesSent, report.ChunksSent, report.Reductions, report.ScratchPlanes));
        Assert.Equal(n == 2 ? 1 : 2, report.LeastCredits);
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_Halving_TakesUpToTwoHopsMoreWhereRanksAreFolded(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(HalvingReduceScatter.Instance, new Shape(n));

        int exchanges = BitOperations.Log2((uint)n);
        int pairs = n - (1 << exchanges);
        Assert.Equal(exchanges + Math.Min(2, pairs), report.Hops); // no block goes both ways between the ranks of a pair
        Assert.Equal(pairs > 0 ? n : n - 1, report.ChunksSent);
        Assert.InRange(report.Reductions, n - 1, pairs > 0 ? 7 * n / 3 : n - 1);
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    [InlineData(1_000)]
    public void Verify_Pat_CostsWhatItsAllGatherCosts(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(PatReduceScatter.Instance, new Shape(n));

        Assert.Equal(AllGatherCostTests.PatCost(n), (report.Hops, report.MessagesSent));
        Assert.InRange(report.MessageChunks, 1, PatReduceScatter.MostBlocks);
        Assert.Equal((n - 1, n - 1, 1), (report.ChunksSent, report.Reductions, report.ScratchPlanes));
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_Direct_TakesOneHopInRankOrder(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(DirectReduceScatter.Instance, new Shape(n));

        Assert.Equal((1, n - 1, n - 1, n - 1, 1), (report.Hops, report.MessagesSent, report.ChunksSent, report.Reductions, report.ScratchPlanes));
        Assert.True(report.IsRankOrdered);
        Assert.Equal(n <= 3, report.IsFixedTree); // up to three ranks there is one order only
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_DirectFixed_TakesOneHopInTheFixedTree(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(FixedDirectReduceScatter.Instance, new Shape(n));

        Assert.Equal((1, n - 1, n - 1, n - 1), (report.Hops, report.MessagesSent, report.ChunksSent, report.Reductions));
        Assert.Equal(BitOperations.Log2((uint)n), report.ScratchPlanes);
        Assert.True(report.IsFixedTree);
    }
}
