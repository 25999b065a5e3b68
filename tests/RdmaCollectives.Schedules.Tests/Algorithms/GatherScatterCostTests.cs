using System.Numerics;
using RdmaCollectives.Schedules.Algorithms;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests.Algorithms;

/// <summary>What the texts about gather and scatter say of their costs.</summary>
public sealed class GatherScatterCostTests
{
    public static TheoryData<int, int> Shapes()
    {
        var data = new TheoryData<int, int>();
        foreach (int n in (int[])[2, 3, 4, 5, 7, 8, 13, 16, 33, 64, 100])
        {
            foreach (int root in new SortedSet<int> { 0, 1, n / 2, n - 1 })
            {
                data.Add(n, root);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Verify_Trees_TakeALogarithmOfHops(int n, int root)
    {
        ScheduleReport gather = ScheduleVerifier.Verify(TreeGather.Instance, new Shape(n, root));
        ScheduleReport scatter = ScheduleVerifier.Verify(TreeScatter.Instance, new Shape(n, root));

        // A position in a binomial tree has as many hops to its root as it has ones, and so has its block.
        int[] hops = [.. Enumerable.Range(0, n).Select(position => BitOperations.PopCount((uint)position))];
        Assert.Equal((hops.Max(), hops.Sum()), (gather.Hops, gather.TotalChunksSent));
        Assert.Equal((hops.Max(), hops.Sum()), (scatter.Hops, scatter.TotalChunksSent));
        Assert.InRange(hops.Max(), 1, AllGatherCostTests.CeilingLog2(n));
        Assert.Equal(1, gather.MessagesSent);
        Assert.InRange(gather.ChunksSent, 1, Math.Max(1, n / 2));
        Assert.Equal((AllGatherCostTests.CeilingLog2(n), n - 1), (scatter.MessagesSent, scatter.ChunksSent));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Verify_Direct_TakesOneHopAndNoScratchMemory(int n, int root)
    {
        ScheduleReport gather = ScheduleVerifier.Verify(DirectGather.Instance, new Shape(n, root));
        ScheduleReport scatter = ScheduleVerifier.Verify(DirectScatter.Instance, new Shape(n, root));

        Assert.Equal((1, 1, n - 1, 0), (gather.Hops, gather.MessagesSent, gather.TotalChunksSent, gather.ScratchPlanes));
        Assert.Equal((1, n - 1, n - 1, 0), (scatter.Hops, scatter.MessagesSent, scatter.TotalChunksSent, scatter.ScratchPlanes));
    }
}
