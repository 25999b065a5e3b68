using System.Numerics;
using RdmaCollectives.Schedules.Algorithms;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests.Algorithms;

/// <summary>What the texts about all-to-all say of its costs.</summary>
public sealed class AllToAllCostTests
{
    public static TheoryData<int> RankCounts() => AllGatherCostTests.RankCounts();

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_Exchanges_TakeAHopPerWindow(int n)
    {
        foreach ((ExchangeAllToAll schedule, int window) in ((ExchangeAllToAll, int)[])[(ExchangeAllToAll.Pairwise, 1), (ExchangeAllToAll.Scattered, 8), (ExchangeAllToAll.Direct, n)])
        {
            ScheduleReport report = ScheduleVerifier.Verify(schedule, new Shape(n));

            Assert.Equal(((n - 1 + window - 1) / window, n - 1, n - 1, 0), (report.Hops, report.MessagesSent, report.ChunksSent, report.ScratchPlanes));
        }
    }

    [Theory]
    [InlineData("pairwise", 1)]
    [InlineData("scattered", 8)]
    [InlineData("direct", 19)]
    public void GetStep_OfExchanges_KeepsNoMoreUnderWayThanItsWindow(string name, int window)
    {
        ISchedule schedule = ScheduleCatalog.Find(CollectiveKind.AllToAll, name)!;
        var shape = new Shape(20);
        int underWay = 0;
        int most = 0;
        for (int index = 0; index < schedule.StepCount(shape, 7); index++)
        {
            Step step = schedule.GetStep(shape, 7, index);
            underWay += (step.HasSend ? 1 : 0) - (step.HasReceive ? 1 : 0);
            most = Math.Max(most, underWay);
        }

        Assert.Equal((window, 0), (most, underWay));
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Verify_Bruck_TakesALogarithmOfHops(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(BruckAllToAll.Instance, new Shape(n));

        int log = AllGatherCostTests.CeilingLog2(n);
        Assert.Equal((log, log), (report.Hops, report.MessagesSent));
        // A block goes over as many hops as there are ones in its distance.
        Assert.Equal(Enumerable.Range(0, n).Sum(distance => BitOperations.PopCount((uint)distance)), report.ChunksSent);
        Assert.InRange(report.MessageChunks, 1, n / 2);
        Assert.InRange(report.ScratchPlanes, 2, 2 + (log / 2));
        Assert.False(report.Traits.HasFlag(ScheduleTraits.VariableBlocks) && n > 4);
    }
}
