using RdmaCollectives.Schedules;
using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Programs;

namespace RdmaCollectives.Simulation.Tests;

/// <summary>What the simulation has found in the library: the scene of each, over some hundred seeds.</summary>
public class FoundTests
{
    // A connection that is fenced shows no message; a step that waited for credit to a rank that had left seemed to wait for the rank that it receives from, and the call told of a deadline that had not passed.
    [Fact]
    public void Leave_OthersInARing_ToldThatItLeft()
    {
        Run(new Scenario
        {
            Ranks = 7,
            SlotBytes = 128,
            Program = [Collective(CollectiveKind.AllGather, 32, "ring"), Collective(CollectiveKind.Reduce, 1, null)],
            Deviation = new Deviation(DeviationKind.Skip, Rank: 3, Index: 0),
        });
    }

    // What a returned call had handed over, and what could not be delivered, was seen by nobody when no call came after it: the others learned that this rank had left, half a second after that.
    [Fact]
    public void FailedCompletion_AfterTheLastCall_ToldBeforeTheGoodbye()
    {
        Run(new Scenario
        {
            Ranks = 4,
            Slots = 4,
            SlotBytes = 4096,
            Program = [Collective(CollectiveKind.Gather, 1452, "direct")],
            Fault = (FaultKind.FailedCompletion, PointKind.Post, Activity.Collective),
        });
    }

    private static Instruction Collective(CollectiveKind kind, int count, string? algorithm) =>
        new(InstructionKind.Collective, kind, count, Root: 0, algorithm, InPart: false, IsRegistered: false, Colors: 1);

    private static void Run(Scenario scenario)
    {
        var worker = new Worker();
        for (ulong seed = 0; seed < 300; seed++)
        {
            Simulation simulation = worker.Run(seed, scenario: scenario);

            Assert.True(simulation.Failures.Count == 0, $"seed {seed}: {string.Join('\n', simulation.Failures)}");
        }
    }
}
