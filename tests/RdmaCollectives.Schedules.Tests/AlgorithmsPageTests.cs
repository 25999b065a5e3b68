using System.Globalization;
using System.Text;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests;

/// <summary>The table in docs/algorithms.md is what the verifier counts.</summary>
public sealed class AlgorithmsPageTests
{
    [Fact]
    public void Table_OfCosts_IsWhatTheVerifierCounts()
    {
        var table = new StringBuilder("| algorithm | ranks | chunks | steps | messages sent | sent, in buffers | reductions | hops | credits | rank order |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---|\n");
        foreach (ISchedule schedule in AllSchedules.All)
        {
            foreach (int ranks in (int[])[1, 2, 3, 4, 8, 16, 64])
            {
                ScheduleReport r = ScheduleVerifier.Verify(schedule, new Shape(ranks));
                table.Append(
                    CultureInfo.InvariantCulture,
                    $"| {schedule.Name} | {ranks} | {r.Chunks} | {r.Steps} | {r.MessagesSent} | {r.VolumePerRank:0.###} | {r.Reductions} | {r.Hops} | {r.LeastCredits} | {(r.IsRankOrdered ? "yes" : "no")} |\n");
            }
        }

        CommittedFile.AssertPartEqual("docs/algorithms.md", "costs", table.ToString());
    }
}
