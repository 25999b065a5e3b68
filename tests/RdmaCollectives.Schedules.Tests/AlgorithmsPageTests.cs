using System.Globalization;
using System.Text;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests;

/// <summary>The tables in docs/algorithm-costs.md are what the verifier counts.</summary>
public sealed class AlgorithmsPageTests
{
    private static readonly (int Ranks, int LocalRanks)[] Shown = [(3, 1), (8, 4), (64, 8)];

    [Fact]
    public void Tables_OfCosts_AreWhatTheVerifierCounts()
    {
        var page = new StringBuilder();
        foreach (IGrouping<CollectiveKind, ISchedule> collective in ScheduleCatalog.All.GroupBy(static schedule => schedule.Collective))
        {
            bool isReducing = collective.Key.IsReducing();
            page.Append(CultureInfo.InvariantCulture, $"## Of {NameOf(collective.Key)}\n\n")
                .Append("| algorithm | ranks | chunks | steps | messages sent | most chunks of one | sent, in buffers | chunks reduced | hops | credits | scratch | promises |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|\n");
            foreach (ISchedule schedule in collective)
            {
                foreach ((int ranks, int localRanks) in Shown)
                {
                    AppendRow(page, schedule, ranks, schedule.Name is "two-level" or "by-rail" ? localRanks : 1);
                }
            }

            page.Append('\n');
        }

        CommittedFile.AssertPartEqual("docs/algorithm-costs.md", "costs", page.ToString());
    }

    private static void AppendRow(StringBuilder page, ISchedule schedule, int ranks, int localRanks)
    {
        ScheduleReport r = ScheduleVerifier.Verify(schedule, new Shape(ranks, LocalRanks: localRanks));
        string hosts = localRanks == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", {localRanks} a host");
        page.Append(
            CultureInfo.InvariantCulture,
            $"| {schedule.Name} | {ranks}{hosts} | {r.Chunks} | {r.Steps} | {r.MessagesSent} | {r.MessageChunks} | {r.VolumePerRank:0.###} | {r.Reductions} | {r.Hops} | {r.LeastCredits} | {r.ScratchPlanes} | {PromisesOf(schedule)} |\n");
    }

    private static string PromisesOf(ISchedule schedule) =>
        schedule.Traits.HasFlag(ScheduleTraits.FixedTree) ? "fixed tree"
        : schedule.Traits.HasFlag(ScheduleTraits.RankOrdered) ? "rank order"
        : schedule.Traits.HasFlag(ScheduleTraits.VariableBlocks) ? "blocks of any size"
        : "";

    /// <summary>As the headings of the page have it: all-gather.</summary>
    private static string NameOf(CollectiveKind collective) =>
        string.Concat(collective.ToString().Select(static (letter, i) => i > 0 && char.IsUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
