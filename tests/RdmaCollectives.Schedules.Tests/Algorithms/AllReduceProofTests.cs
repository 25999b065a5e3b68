using System.Diagnostics;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests.Algorithms;

/// <summary>The proofs of every algorithm, exact for every rank count to 64 and by fingerprint for many.</summary>
public sealed class AllReduceProofTests
{
    public static TheoryData<string, int, int> EveryShape()
    {
        var data = new TheoryData<string, int, int>();
        foreach (ISchedule schedule in AllSchedules.All)
        {
            for (int ranks = 1; ranks <= ScheduleVerifier.ExactRankLimit; ranks++)
            {
                data.Add(schedule.Name, ranks, 1);
            }

            foreach (int ranks in (int[])[1, 2, 3, 4, 5, 8, 13])
            {
                data.Add(schedule.Name, ranks, 2);
                data.Add(schedule.Name, ranks, 5);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(EveryShape))]
    public void Verify_EveryShape_IsProvedExactly(string name, int ranks, int channels)
    {
        ISchedule schedule = AllSchedules.ByName(name);
        var shape = new Shape(ranks, Channels: channels);

        ScheduleReport report = ScheduleVerifier.Verify(schedule, shape);

        Assert.True(report.IsExact);
        Assert.Equal(schedule.ChunkCount(shape), report.Chunks);
        // It runs with what it declares, and one below it deadlocks.
        Assert.Equal(schedule.MinimumCredits(shape), report.LeastCredits);
    }

    [Theory]
    [InlineData("ring", 65)]
    [InlineData("ring", 1_000)]
    [InlineData("ring", 10_000)]
    [InlineData("direct", 65)]
    [InlineData("direct", 1_000)] // a million FIFOs; beyond that nobody would choose it
    public void Verify_ManyRanks_IsProvedByFingerprint(string name, int ranks)
    {
        ISchedule schedule = AllSchedules.ByName(name);
        var watch = Stopwatch.StartNew();

        ScheduleReport report = ScheduleVerifier.Verify(schedule, new Shape(ranks));

        TestContext.Current.SendDiagnosticMessage("{0}, {1} ranks: {2:F1} s", name, ranks, watch.Elapsed.TotalSeconds);
        Assert.False(report.IsExact);
        Assert.Equal(schedule.MinimumCredits(new Shape(ranks)), report.LeastCredits);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(65)]
    public void Verify_Ring_CostsWhatTheBookSays(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(AllSchedules.ByName("ring"), new Shape(n));

        Assert.Equal((n, (2 * n) - 1, 2 * (n - 1), n - 1, 2 * (n - 1)), (report.Chunks, report.Steps, report.MessagesSent, report.Reductions, report.Hops));
        Assert.Equal(2.0 * (n - 1) / n, report.VolumePerRank);
        Assert.Equal(2, report.LeastCredits);
        Assert.False(report.IsRankOrdered);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(65)]
    public void Verify_Direct_CostsOneHopAndKeepsRankOrder(int n)
    {
        ScheduleReport report = ScheduleVerifier.Verify(AllSchedules.ByName("direct"), new Shape(n));

        Assert.Equal((1, n - 1, n - 1, 1, 1), (report.Chunks, report.MessagesSent, report.Reductions, report.Hops, report.LeastCredits));
        Assert.True(report.IsRankOrdered);
    }

    [Theory]
    [InlineData("ring")]
    [InlineData("direct")]
    public void Verify_OneRank_CopiesAndSendsNothing(string name)
    {
        ScheduleReport report = ScheduleVerifier.Verify(AllSchedules.ByName(name), new Shape(1, Channels: 3));

        Assert.True(report is { IsExact: true, Chunks: 3, Steps: 3, MessagesSent: 0, ChunksSent: 0, Reductions: 0, Hops: 0, LeastCredits: 0, IsRankOrdered: true, IsFixedTree: true }, report.ToString());
    }

    [Theory]
    [InlineData("ring", -1, 0)]
    [InlineData("ring", 4, 0)]
    [InlineData("ring", 0, -1)]
    [InlineData("ring", 0, 7)]
    [InlineData("direct", 4, 0)]
    [InlineData("direct", 0, 7)]
    public void GetStep_OutOfRange_Throws(string name, int rank, int index) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => AllSchedules.ByName(name).GetStep(new Shape(4), rank, index));
}
