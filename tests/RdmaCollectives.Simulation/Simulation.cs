using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Network;
using RdmaCollectives.Simulation.Programs;
using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation;

/// <summary>One seed: a job of ranks, the program that they run, and the fault that is put somewhere into it. All follows from the seed.</summary>
internal sealed class Simulation
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan RealTime = TimeSpan.FromSeconds(60);

    private readonly SimWorld _world;

    public Simulation(ulong seed, Planted planted, Arena arena, Stack<Fiber> fibers, Action<string>? trace)
    {
        var random = new SeededRandom(SeededRandom.Mix(seed + 1));
        Arena = arena;
        Arena.Clear();
        (FaultKind kind, PointKind point, Activity activity) = Coverage.CellOf((int)(seed % (ulong)Coverage.Cells));
        int ranks = random.Pick(2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8, 9);
        int slotBytes = random.Pick(64, 64, 128, 256, 4096);
        int slots = random.Pick(2, 4);
        Plan = new FaultPlan(kind, point, activity, random.Next(ranks), random.Between(1, random.Pick(2, 8, 40)));
        Program = ProgramGenerator.Make(random, ranks, slots, slotBytes, activity);
        Options = new ResolvedOptions
        {
            Rank = 0,
            WorldSize = ranks,
            AllowedTransports = [true, true, true, true],
            HostId = "simulated",
            ChunkBytes = slotBytes,
            Slots = slots,
            Channels = random.Between(1, 2),
            Timeout = Timeout,
            JoinTimeout = Timeout,
        };
        Scheduler = new Scheduler(random, fibers) { Trace = trace, AtPoint = AtPoint };
        _world = new SimWorld(Scheduler, arena, ranks, planted);
        Fabric = new SimFabric(_world, ranks);
        Ranks = [.. _world.Processes.Select(process => new RankProgram(this, process, new ControlPlane(process.Link, NullLogger.Instance)))];
    }

    public Scheduler Scheduler { get; }

    public Arena Arena { get; }

    public FaultPlan Plan { get; }

    public IReadOnlyList<Instruction> Program { get; }

    public ResolvedOptions Options { get; }

    public SimFabric Fabric { get; }

    public IReadOnlyList<RankProgram> Ranks { get; }

    public bool HasParts => Program.Any(instruction => instruction.Kind == InstructionKind.Split);

    /// <summary>What is wrong, empty where nothing is.</summary>
    public IReadOnlyList<string> Failures => Scheduler.Failures;

    public void Run()
    {
        Scheduler.Note($"{Options.WorldSize} ranks, {Options.Slots} slots of {Options.ChunkBytes} bytes, {Options.Channels} channels; {Plan.Kind} of rank {Plan.Victim} at {Plan.Point} in {Plan.Activity}; in place: reads {_world.ReadsInPlace}, writes {_world.WritesInPlace}; notices ends {_world.NoticesEnds}, needs the sender {_world.NeedsSender}");
        foreach (Instruction instruction in Program)
        {
            Scheduler.Note($"{instruction}");
        }

        foreach ((int rank, RankProgram program) in Ranks.Index())
        {
            Scheduler.Start(_world[rank], "program", isUsers: true, program.Run);
        }

        Scheduler.Run(RealTime);
    }

    /// <summary>The control plane as a communicator gets it.</summary>
    public IControlPlane Decorate(ControlPlane plane) => _world.Planted == Planted.FaultFlagNotPolled ? new DeafPlane(plane) : plane;

    private void AtPoint(PointKind point, SimProcess process) => Plan.At(point, process, _world, Timeout);
}
