using System.Diagnostics;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests.Algorithms;

/// <summary>What the texts about the ring and the direct schedule say of their costs, and the ring at its largest.</summary>
public sealed class AllReduceProofTests
{
    [Fact]
    public void Verify_RingOfTenThousandRanks_IsProvedByFingerprint()
    {
        var watch = Stopwatch.StartNew();

        ScheduleReport report = ScheduleVerifier.Verify(AllSchedules.ByName("ring"), new Shape(10_000));

        TestContext.Current.SendDiagnosticMessage("ring, 10000 ranks: {0:F1} s", watch.Elapsed.TotalSeconds);
        Assert.False(report.IsExact);
        Assert.Equal((19_999, 2), (report.Steps, report.LeastCredits));
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
