using System.Diagnostics;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests;

/// <summary>The proofs of every schedule of the catalog: exact for every number of ranks to 64, by fingerprints for very many.</summary>
public sealed class CatalogProofTests
{
    private const int AllChannelsTo = 16;
    // A step takes some 80 ns at 10,000 ranks. With RDMACC_LONG=1 nothing is left out: it takes minutes.
    private static readonly long MostSteps = string.Equals(Environment.GetEnvironmentVariable("RDMACC_LONG"), "1", StringComparison.Ordinal) ? long.MaxValue : 30_000_000;
    private static readonly int[] LargeWithChannels = [24, 33, 64];

    public static TheoryData<CollectiveKind, string> Entries()
    {
        var data = new TheoryData<CollectiveKind, string>();
        foreach (ISchedule schedule in ScheduleCatalog.All)
        {
            data.Add(schedule.Collective, schedule.Name);
        }

        return data;
    }

    public static TheoryData<CollectiveKind, string, int> EveryRankCount()
    {
        var data = new TheoryData<CollectiveKind, string, int>();
        foreach (ISchedule schedule in ScheduleCatalog.All)
        {
            for (int ranks = 1; ranks <= ScheduleVerifier.ExactRankLimit; ranks++)
            {
                data.Add(schedule.Collective, schedule.Name, ranks);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(EveryRankCount))]
    public void Verify_EveryRankCount_IsProvedExactly(CollectiveKind collective, string name, int ranks)
    {
        ISchedule schedule = ScheduleCatalog.Find(collective, name)!;
        foreach (Shape shape in ShapesOf(schedule, ranks))
        {
            ScheduleReport report = ScheduleVerifier.Verify(schedule, shape);

            Assert.True(report.IsExact);
            Assert.Equal(report.OutputChunks, report.ChunksProved);
            // It runs with what it declares, and one below it deadlocks.
            Assert.True(schedule.MinimumCredits(shape) == report.LeastCredits, $"{shape} declares {schedule.MinimumCredits(shape)} credits and needs {report.LeastCredits}");
        }
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

    [Fact]
    public void All_Entries_HaveANameOfTheirOwn() =>
        Assert.Distinct(ScheduleCatalog.All.Select(static schedule => (schedule.Collective, schedule.Name)));

    [Fact]
    public void Find_UnknownName_IsNull()
    {
        Assert.Null(ScheduleCatalog.Find(CollectiveKind.AllReduce, "Ring"));
        Assert.Equal("ring", ScheduleCatalog.Find(CollectiveKind.AllReduce, "ring")!.Name);
    }

    /// <summary>All channels, roots and hosts of few ranks; of more, each of them by itself.</summary>
    private static IEnumerable<Shape> ShapesOf(ISchedule schedule, int ranks)
    {
        int[] roots = schedule.Collective.IsRooted() ? [.. new[] { 0, ranks / 2, ranks - 1 }.Distinct()] : [0];
        int[] channels = ranks <= AllChannelsTo ? [1, 2, 3] : LargeWithChannels.Contains(ranks) ? [1, 3] : [1];
        int[] hosts = DependsOnHosts(schedule) ? [.. Enumerable.Range(1, ranks).Where(local => ranks % local == 0)] : [1];
        return roots.SelectMany(root => channels.SelectMany(count => hosts.Select(local => new Shape(ranks, root, count, local))))
            .Where(shape => schedule.Supports(shape));
    }

    private static bool DependsOnHosts(ISchedule schedule) => schedule.Name is "two-level" or "by-rail";

    /// <summary>10,000, or the most for which the steps of all ranks stay within a limit. Straight to every other rank, all at a time, is a FIFO in use for each pair: 1,000.</summary>
    private static int MostRanks(ISchedule schedule) =>
        schedule is { Name: "direct" or "all-pairs" or "direct-fixed", Collective: CollectiveKind.AllReduce or CollectiveKind.AllGather or CollectiveKind.ReduceScatter or CollectiveKind.AllToAll } ? 1_000
        : ((int[])[10_000, 5_000, 3_000, 2_000, 1_000]).First(ranks => (long)ranks * schedule.StepCount(LargeShape(schedule, ranks), 1) <= MostSteps || ranks == 1_000);

    private static Shape LargeShape(ISchedule schedule, int ranks) => new(ranks, Root: schedule.Collective.IsRooted() ? ranks / 3 : 0, LocalRanks: DependsOnHosts(schedule) ? 8 : 1);
}
