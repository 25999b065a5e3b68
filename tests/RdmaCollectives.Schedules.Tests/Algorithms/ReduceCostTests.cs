using System.Numerics;
using RdmaCollectives.Schedules.Algorithms;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests.Algorithms;

/// <summary>What the texts about reduce say of its costs.</summary>
public sealed class ReduceCostTests
{
    public static TheoryData<int, int> RankCountsAndRoots()
    {
        var data = new TheoryData<int, int>();
        foreach (int n in (int[])[2, 3, 4, 5, 7, 8, 13, 16, 17, 33, 64, 65, 100])
        {
            data.Add(n, 0);
            data.Add(n, n / 3);
            data.Add(n, n - 1);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(RankCountsAndRoots))]
    public void Verify_Tree_SendsOneBufferPerRankInALogarithmOfHops(int n, int root)
    {
        ScheduleReport report = ScheduleVerifier.Verify(TreeReduce.Instance, new Shape(n, root));

        Assert.Equal((BitOperations.Log2((uint)n), 1, n - 1), (report.Hops, report.MessagesSent, report.TotalChunksSent));
    }

    [Theory]
    [MemberData(nameof(RankCountsAndRoots))]
    public void Verify_FixedTree_TakesAHopMoreToARootThatIsNotRank0(int n, int root)
    {
        ScheduleReport report = ScheduleVerifier.Verify(FixedTreeReduce.Instance, new Shape(n, root));
        ScheduleReport toZero = ScheduleVerifier.Verify(FixedTreeReduce.Instance, new Shape(n));

        int more = root == 0 ? 0 : 1;
        Assert.Equal((toZero.Hops + more, 1, n - 1 + more), (report.Hops, report.MessagesSent, report.TotalChunksSent));
        Assert.InRange(toZero.Hops, BitOperations.Log2((uint)n), BitOperations.Log2((2 * (uint)n) - 1));
        Assert.True(report.IsFixedTree);
    }

    [Theory]
    [MemberData(nameof(RankCountsAndRoots))]
    public void Verify_Ring_SendsOneBufferPerRankInPieces(int n, int root)
    {
        ScheduleReport report = ScheduleVerifier.Verify(RingReduce.Instance, new Shape(n, root));

        Assert.Equal((Math.Min(n, 32), n - 1, 1.0), (report.Chunks, report.Hops, report.VolumePerRank));
        Assert.Equal((long)(n - 1) * report.Chunks, report.TotalChunksSent);
        Assert.Equal(0, report.ScratchPlanes);
    }

    [Theory]
    [MemberData(nameof(RankCountsAndRoots))]
    public void Verify_Direct_TakesOneHopAndKeepsRankOrderForAnyRoot(int n, int root)
    {
        ScheduleReport report = ScheduleVerifier.Verify(DirectReduce.Instance, new Shape(n, root));

        Assert.Equal((1, 1, n - 1, n - 1), (report.Hops, report.MessagesSent, report.TotalChunksSent, report.Reductions));
        Assert.True(report.IsRankOrdered);
    }
}
