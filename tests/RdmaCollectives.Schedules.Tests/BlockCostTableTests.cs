using System.Globalization;
using System.Text;
using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests;

/// <summary>The table of the collectives with blocks in docs/algorithms.md is what the verifier counts.</summary>
public sealed class BlockCostTableTests
{
    [Fact]
    public void Table_OfCosts_IsWhatTheVerifierCounts()
    {
        var table = new StringBuilder(
            "| collective | algorithm | ranks | steps | messages sent | blocks sent | blocks in a message | blocks reduced | hops | credits | planes of scratch |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        foreach (ISchedule schedule in ScheduleCatalog.All.Where(static schedule => schedule.Collective.HasBlocks()))
        {
            foreach (int ranks in (int[])[3, 8, 64])
            {
                ScheduleReport r = ScheduleVerifier.Verify(schedule, new Shape(ranks));
                Assert.Equal(ranks, r.Chunks); // a chunk is a block
                table.Append(
                    CultureInfo.InvariantCulture,
                    $"| {schedule.Collective} | {schedule.Name} | {ranks} | {r.Steps} | {r.MessagesSent} | {r.ChunksSent} | {r.MessageChunks} | {r.Reductions} | {r.Hops} | {r.LeastCredits} | {r.ScratchPlanes} |\n");
            }
        }

        CommittedFile.AssertPartEqual("docs/algorithms.md", "block-costs", table.ToString());
    }
}
