using System.Numerics;
using RdmaCollectives.Schedules.Algorithms;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests.Algorithms;

/// <summary>What the texts about broadcast and barrier say of their costs.</summary>
public sealed class BroadcastCostTests
{
    public static TheoryData<int, int> RankCountsAndRoots() => ReduceCostTests.RankCountsAndRoots();

    [Theory]
    [MemberData(nameof(RankCountsAndRoots))]
    public void Verify_EveryBroadcast_SendsEachRankTheBufferOnce(int n, int root)
    {
        foreach (ISchedule schedule in ScheduleCatalog.For(CollectiveKind.Broadcast))
        {
            ScheduleReport report = ScheduleVerifier.Verify(schedule, new Shape(n, root));

            Assert.True(report.TotalChunksSent == (long)(n - 1) * report.Chunks, $"{schedule.Name}, {n} ranks: {report}");
            Assert.Equal(0, report.ScratchPlanes);
        }
    }

    [Theory]
    [MemberData(nameof(RankCountsAndRoots))]
    public void Verify_Trees_TakeALogarithmOfHops(int n, int root)
    {
        ScheduleReport binomial = ScheduleVerifier.Verify(KnomialBroadcast.Binomial, new Shape(n, root));
        ScheduleReport radix4 = ScheduleVerifier.Verify(KnomialBroadcast.Radix4, new Shape(n, root));

        int log = BitOperations.Log2((2 * (uint)n) - 1);
        Assert.Equal((BitOperations.Log2((uint)n), log), (binomial.Hops, binomial.MessagesSent));
        Assert.Equal(new KnomialTree(n, 4).Height, radix4.Hops);
        Assert.InRange(radix4.Hops, 1, (log + 1) / 2);
        Assert.InRange(radix4.MessagesSent, 1, 3 * ((log + 1) / 2));
    }

    [Theory]
    [MemberData(nameof(RankCountsAndRoots))]
    public void Verify_Ring_SendsOneBufferPerRankInPieces(int n, int root)
    {
        ScheduleReport report = ScheduleVerifier.Verify(RingBroadcast.Instance, new Shape(n, root));

        Assert.Equal((Math.Min(n, 32), n - 1, 1.0), (report.Chunks, report.Hops, report.VolumePerRank));
    }

    [Theory]
    [MemberData(nameof(RankCountsAndRoots))]
    public void Verify_DoubleTree_SendsOneBufferInALogarithmOfHops(int n, int root)
    {
        ScheduleReport report = ScheduleVerifier.Verify(DoubleTreeBroadcast.Instance, new Shape(n, root));

        int height = DoubleTree.Under(n, root, isSecond: false).Height;
        Assert.Equal((4 * height, 1.0), (report.Chunks, report.VolumePerRank));
        Assert.InRange(report.Hops, 1, 3 * height);
    }

    [Theory]
    [MemberData(nameof(RankCountsAndRoots))]
    public void Verify_ScatterGather_SendsAtMostTwoBuffers(int n, int root)
    {
        ScheduleReport report = ScheduleVerifier.Verify(ScatterGatherBroadcast.Instance, new Shape(n, root));

        Assert.Equal((n, 2 * (n - 1)), (report.Chunks, report.ChunksSent)); // the root
        Assert.InRange(report.Hops, 1, n - 1);
    }

    [Theory]
    [MemberData(nameof(RankCountsAndRoots))]
    public void Verify_Direct_TakesOneHop(int n, int root)
    {
        ScheduleReport report = ScheduleVerifier.Verify(DirectBroadcast.Instance, new Shape(n, root));

        Assert.Equal((1, n - 1), (report.Hops, report.MessagesSent));
    }

    [Theory]
    [InlineData(6, 5, 2)]
    [InlineData(12, 7, 4)]
    [InlineData(15, 0, 5)]
    [InlineData(16, 9, 16)]
    [InlineData(60, 31, 6)]
    public void GetStep_TwoLevel_EveryHostGetsTheBufferOnce(int n, int root, int local)
    {
        var shape = new Shape(n, root, LocalRanks: local);
        var entries = new List<int>();
        for (int rank = 0; rank < n; rank++)
        {
            for (int index = 0; index < TwoLevelBroadcast.Instance.StepCount(shape, rank); index++)
            {
                Step step = TwoLevelBroadcast.Instance.GetStep(shape, rank, index);
                if (step.HasReceive && step.ReceivePeer / local != rank / local)
                {
                    entries.Add(rank / local);
                }
            }
        }

        Assert.Equal(Enumerable.Range(0, n / local).Where(host => host != root / local), entries.Order());
    }

    [Theory]
    [MemberData(nameof(RankCountsAndRoots))]
    public void Verify_Barriers_TakeALogarithmOfHops(int n, int root)
    {
        _ = root;
        ScheduleReport dissemination = ScheduleVerifier.Verify(DisseminationBarrier.Instance, new Shape(n));
        ScheduleReport tree = ScheduleVerifier.Verify(TreeBarrier.Instance, new Shape(n));

        int log = BitOperations.Log2((2 * (uint)n) - 1);
        Assert.Equal((log, log), (dissemination.Hops, dissemination.MessagesSent));
        Assert.Equal((2 * BitOperations.Log2((uint)n), log), (tree.Hops, tree.MessagesSent));
        Assert.Equal(4 * (n - 1), Enumerable.Range(0, n).Sum(rank => TreeBarrier.Instance.StepCount(new Shape(n), rank)));
    }
}
