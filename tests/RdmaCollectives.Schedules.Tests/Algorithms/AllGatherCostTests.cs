using System.Numerics;
using RdmaCollectives.Schedules.Algorithms;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests.Algorithms;

/// <summary>What the texts about all-gather say of its costs.</summary>
public sealed class AllGatherCostTests
{
    public static TheoryData<int> RankCounts() => [2, 3, 4, 5, 7, 8, 13, 16, 17, 31, 33, 64, 65, 100];

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_EveryAllGather_SendsEachBlockOnceToEachRank(int n)
    {
        foreach (ISchedule schedule in ScheduleCatalog.For(CollectiveKind.AllGather))
        {
            ScheduleReport report = ScheduleVerifier.Verify(schedule, new Shape(n));

            Assert.True(report.TotalChunksSent == (long)n * (n - 1), $"{schedule.Name}, {n} ranks: {report}");
        }
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_Ring_TakesAHopPerRank(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(RingAllGather.Instance, new Shape(n));

        Assert.Equal((n - 1, n - 1, n - 1, 0), (report.Hops, report.MessagesSent, report.ChunksSent, report.ScratchPlanes));
        Assert.Equal(n == 2 ? 1 : 2, report.LeastCredits);
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_BidirectionalRing_TakesHalfOfTheHops(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(BidirectionalRingAllGather.Instance, new Shape(n));

        Assert.Equal((n / 2, n - 1, n - 1), (report.Hops, report.MessagesSent, report.ChunksSent));
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_RecursiveDoubling_TakesUpToTwoHopsMoreWhereRanksAreFolded(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(RecursiveDoublingAllGather.Instance, new Shape(n));

        int exchanges = BitOperations.Log2((uint)n);
        int pairs = n - (1 << exchanges);
        Assert.Equal(exchanges + Math.Min(2, pairs), report.Hops); // no block goes both ways between the ranks of a pair
        Assert.InRange(report.ChunksSent, n - 1, pairs == 0 ? n - 1 : 7 * n / 3);
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_Bruck_TakesALogarithmOfHopsAndNoScratchMemory(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(BruckAllGather.Instance, new Shape(n));

        int log = CeilingLog2(n);
        Assert.Equal((log, log, n - 1, 0), (report.Hops, report.MessagesSent, report.ChunksSent, report.ScratchPlanes));
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    [InlineData(1_000)]
    public void Verify_Pat_BoundsItsMessagesAndItsScratchMemory(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(PatAllGather.Instance, new Shape(n));

        Assert.Equal(PatCost(n), (report.Hops, report.MessagesSent));
        Assert.InRange(report.MessageChunks, 1, PatAllGather.MostBlocks);
        Assert.Equal((n - 1, 1), (report.ChunksSent, report.ScratchPlanes));
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_Direct_TakesOneHop(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(DirectAllGather.Instance, new Shape(n));

        Assert.Equal((1, n - 1, n - 1), (report.Hops, report.MessagesSent, report.ChunksSent));
    }

    internal static int CeilingLog2(int n)
    {
        int log = 0;
        while (1 << log < n)
        {
            log++;
        }

        return log;
    }

    /// <summary>Hops and messages of parallel aggregated trees, with groups of 16 at most.</summary>
    internal static (int Hops, int Messages) PatCost(int n)
    {
        int groups = 1;
        while (groups * 16 < n)
        {
            groups *= 2;
        }

        return groups == 1 ? (CeilingLog2(n), CeilingLog2(n)) : (4 + (groups / 2), 4 + groups - 1);
    }
}
