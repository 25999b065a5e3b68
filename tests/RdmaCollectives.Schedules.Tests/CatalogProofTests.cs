using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests;

/// <summary>The proofs of every schedule of the catalog, exact for every number of ranks to 64.</summary>
public sealed class CatalogProofTests
{
    private const int AllChannelsTo = 16;
    private static readonly int[] LargeWithChannels = [24, 33, 64];

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

    internal static bool DependsOnHosts(ISchedule schedule) => schedule.Name is "two-level" or "by-rail";

}
