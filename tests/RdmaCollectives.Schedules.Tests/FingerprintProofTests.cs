using System.Diagnostics;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests;

/// <summary>The proofs of every schedule of the catalog by fingerprints, for very many ranks. A class of its own, so that they run beside the exact ones.</summary>
public sealed class FingerprintProofTests
{
    // A step takes some 80 ns at 10,000 ranks. With RDMACC_LONG=1 nothing is left out: it takes minutes.
    private static readonly long MostSteps = string.Equals(Environment.GetEnvironmentVariable("RDMACC_LONG"), "1", StringComparison.Ordinal) ? long.MaxValue : 10_000_000;

    public static TheoryData<CollectiveKind, string> Entries()
    {
        var data = new TheoryData<CollectiveKind, string>();
        foreach (ISchedule schedule in ScheduleCatalog.All)
        {
            data.Add(schedule.Collective, schedule.Name);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Entries))]
    public void Verify_ManyRanks_IsProvedByFingerprint(CollectiveKind collective, string name)
    {
        ISchedule schedule = ScheduleCatalog.Find(collective, name)!;
        Shape shape = LargeShape(schedule, MostRanks(schedule));
        int ranks = shape.Ranks;
        Assert.True(schedule.Supports(shape), $"no schedule for {shape}");
        var watch = Stopwatch.StartNew();

        ScheduleReport report = ScheduleVerifier.Verify(schedule, shape);

        TestContext.Current.SendDiagnosticMessage(
            "{0} {1}, {2} ranks: {3:F1} s, {4} steps, {5} of {6} chunks", collective, name, ranks, watch.Elapsed.TotalSeconds, report.Steps, report.ChunksProved, report.OutputChunks);
        Assert.False(report.IsExact);
        Assert.InRange(report.ChunksProved, Math.Min(64, report.OutputChunks), report.OutputChunks);
        Assert.Equal(schedule.MinimumCredits(shape), report.LeastCredits);
    }

    /// <summary>10,000, or the most for which the steps of all ranks stay within a limit. Straight to every other rank, all at a time, is a FIFO in use for each pair: 1,000.</summary>
    private static int MostRanks(ISchedule schedule) =>
        schedule is { Name: "direct" or "all-pairs" or "direct-fixed", Collective: CollectiveKind.AllReduce or CollectiveKind.AllGather or CollectiveKind.ReduceScatter or CollectiveKind.AllToAll } ? 1_000
        : ((int[])[10_000, 5_000, 3_000, 2_000, 1_000]).First(ranks => (long)ranks * schedule.StepCount(LargeShape(schedule, ranks), 1) <= MostSteps || ranks == 1_000);

    private static Shape LargeShape(ISchedule schedule, int ranks) => new(ranks, Root: schedule.Collective.IsRooted() ? ranks / 3 : 0, LocalRanks: CatalogProofTests.DependsOnHosts(schedule) ? 8 : 1);
}
