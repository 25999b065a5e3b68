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

    // All had agreed on a roster with newcomers, and one died before it had invited them; the other, which shrank, connected to newcomers that nobody had told.
    [Fact]
    public void Grow_DeathBeforeTheInvitations_NewcomersAreTakenIn() => Run(Growing(2, 2, FaultKind.Death, PointKind.FrameSend));

    // A newcomer stood still for so long that the others had gone on without it; told so, it waited without end for a verdict on that: nobody had said anything of it.
    [Fact]
    public void Grow_NewcomerLeftOut_ToldSo() => Run(Growing(3, 1, FaultKind.Deadline, PointKind.FrameReceive));

    // A rank that took no part in a Grow: the others gave up one by one, and their communicator was not at fault.
    [Fact]
    public void Grow_WithoutARank_FaultOfAll() => Run(Growing(2, 1, FaultKind.Deadline, PointKind.Await));

    private static Scenario Growing(int ranks, int newcomers, FaultKind kind, PointKind point) =>
        new() { Ranks = ranks, Newcomers = newcomers, Program = [Collective(CollectiveKind.AllReduce, 8, null)], Fault = (kind, point, Activity.Grow) };

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
