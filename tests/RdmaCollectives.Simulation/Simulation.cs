using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
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

    public Simulation(ulong seed, Planted planted, Arena arena, Stack<Fiber> fibers, Action<string>? trace, Scenario? scenario = null)
    {
        var random = new SeededRandom(SeededRandom.Mix(seed + 1));
        Arena = arena;
        Arena.Clear();
        (FaultKind kind, PointKind point, Activity activity) = Coverage.CellOf((int)(seed % (ulong)Coverage.Cells));
        (kind, point, activity) = scenario?.Fault ?? (kind, point, activity);
        int ranks = scenario?.Ranks ?? random.Pick(2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8, 9);
        int slotBytes = scenario?.SlotBytes ?? random.Pick(64, 64, 128, 256, 4096);
        int slots = scenario?.Slots ?? random.Pick(2, 4);
        int newcomers = scenario?.Newcomers ?? (activity == Activity.Grow ? random.Between(1, 3) : 0);
        GrowsBy = random.OneIn(4) ? 0 : newcomers;
        Plan = new FaultPlan(kind, point, activity, random.Next(ranks + newcomers), random.Between(1, random.Pick(2, 8, 40)));
        Program = scenario?.Program ?? ProgramGenerator.Make(random, ranks, slots, slotBytes, activity);
        Deviation = scenario is not null ? scenario.Deviation : kind == FaultKind.None && activity is not (Activity.Shrink or Activity.Grow) && random.OneIn(2) ? Deviation.Make(random, ranks, Program.Count) : Deviation.None;
        bool isLate = random.OneIn(4) || (kind != FaultKind.None && activity >= Activity.Collective && point is PointKind.FrameSend or PointKind.FrameReceive);
        Latenesses = [.. Enumerable.Range(0, isLate && scenario is null ? random.Between(1, 3) : 0).Select(_ => new Lateness(random.Next(ranks), random.Next(Program.Count), TimeSpan.FromMilliseconds(random.Between(80, random.Pick(200, 2000)))))];
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
            FlightRecorderEntries = random.OneIn(8) ? 16 : 0,
            JoinTimeout = Timeout,
        };
        FaultKind opening = activity == Activity.Shrink ? random.Pick(FaultKind.Death, FaultKind.Abort, FaultKind.FailedCompletion) : FaultKind.None;
        Opening = new FaultPlan(opening, PointKind.Poll, Activity.Collective, random.Next(ranks), random.Between(1, 10));
        GoesOn = activity is Activity.Shrink or Activity.Grow || newcomers > 0 || random.OneIn(3);
        CallsAfterwards = random.OneIn(20) ? 100 : random.Between(1, 4);
        Scheduler = new Scheduler(random, fibers) { Trace = trace, AtPoint = AtPoint };
        _world = new SimWorld(Scheduler, arena, ranks, newcomers, planted) { LosesLastFrames = !GoesOn };
        Agreements = new Agreements(Scheduler);
        Fabric = new SimFabric(_world, ranks);
        Ranks = [.. _world.Processes.Take(ranks).Select(process => new RankProgram(this, process, new ControlPlane(process.Link, NullLogger.Instance)))];
        Newcomers = [.. _world.Processes.Skip(ranks).Select(process => new NewcomerProgram(this, process, TimeSpan.FromMicroseconds(random.Between(0, random.Pick(100, 5_000, 500_000)))))];
    }

    public Scheduler Scheduler { get; }

    public Arena Arena { get; }

    public FaultPlan Plan { get; }

    /// <summary>Where <see cref="Plan"/> is for a shrink: the fault that leads to one.</summary>
    public FaultPlan Opening { get; }

    public IEnumerable<FaultPlan> Faults => [Opening, Plan];

    public bool HasFailedCompletion => Faults.Any(plan => plan.Kind == FaultKind.FailedCompletion);

    /// <summary>Something was put that ends communicators.</summary>
    public bool HasFault => Opening.MayFail || Plan.MayFail;

    public long LastPutAt => Math.Max(Opening.PutAt, Plan.PutAt);

    /// <summary>For people.</summary>
    public string WhatHappened => HasFault ? string.Join(" and ", Faults.Where(plan => plan.MayFail).Select(plan => $"{plan.Kind} of rank {plan.Victim}")) : $"{Deviation.Kind}";

    /// <summary>Ranks shrink after a fault and go on.</summary>
    public bool GoesOn { get; }

    /// <summary>All-reduces after each shrink.</summary>
    public int CallsAfterwards { get; }

    public Agreements Agreements { get; }

    public IReadOnlyList<Instruction> Program { get; }

    public ResolvedOptions Options { get; }

    public SimFabric Fabric { get; }

    public IReadOnlyList<RankProgram> Ranks { get; }

    public IReadOnlyList<NewcomerProgram> Newcomers { get; }

    /// <summary>The program ends by taking newcomers in.</summary>
    public bool Grows => Newcomers.Count > 0;

    /// <summary>How many the members wait for; 0 to take those that are there.</summary>
    public int GrowsBy { get; }

    /// <summary>A newcomer may not come, or not be seen by all in time.</summary>
    public bool NewcomersMayMiss => GrowsBy == 0 || HasFault || Plan.IsPut;

    public bool HasParts => Program.Any(instruction => instruction.Kind == InstructionKind.Split);

    /// <summary>What one rank does differently; only where no fault is put.</summary>
    public Deviation Deviation { get; }

    public IReadOnlyList<Lateness> Latenesses { get; }

    /// <summary>When the last rank so far began an instruction.</summary>
    public long LastStart { get; set; }

    /// <summary>Whether ranks may end by a fault.</summary>
    public bool MayFail => HasFault || Deviation.Kind != DeviationKind.None;

    /// <summary>
    /// It may take a deadline until all know. A completion that fails is seen by calls, and before the goodbye; a rank that is in a split meanwhile, or in code of its own, does not see it, and those who wait for the message
    /// learn that time is up, or that it left. Nor is a split, or a receive from any rank, compared with what others call in its place.
    /// </summary>
    public bool EndsByDeadline => Plan.Kind == FaultKind.Deadline || Opening.Kind == FaultKind.Deadline || (Deviation.Kind != DeviationKind.None && (HasParts || Program.Any(instruction => instruction.Kind == InstructionKind.ReceiveAny)))
        || (HasFailedCompletion && (HasParts || Latenesses.Count > 0 || Plan.Activity is Activity.Create or Activity.Split or Activity.Shrink or Activity.Grow or Activity.Dispose));

    /// <summary>What is wrong, empty where nothing is.</summary>
    public IReadOnlyList<string> Failures => Scheduler.Failures;

    public void Run()
    {
        Scheduler.Note($"{Options.WorldSize} ranks, {Options.Slots} slots of {Options.ChunkBytes} bytes, {Options.Channels} channels; {Plan.Kind} of rank {Plan.Victim} at {Plan.Point} in {Plan.Activity}, opening {Opening.Kind} of rank {Opening.Victim}, goes on {GoesOn}; in place: reads {_world.ReadsInPlace}, writes {_world.WritesInPlace}; notices ends {_world.NoticesEnds}, needs the sender {_world.NeedsSender}");
        Scheduler.Note($"{Deviation} {string.Join(' ', Latenesses)}");
        foreach (Instruction instruction in Program)
        {
            Scheduler.Note($"{instruction}");
        }

        if (Plan is { Activity: Activity.Dispose, Point: PointKind.FrameReceive or PointKind.Idle })
        {
            _world[Plan.Victim].IsLingering = true;
        }

        foreach ((int rank, RankProgram program) in Ranks.Index())
        {
            Scheduler.Start(_world[rank], "program", isUsers: true, program.Run);
        }

        foreach (NewcomerProgram newcomer in Newcomers)
        {
            Scheduler.Start(newcomer.Process, "newcomer", isUsers: true, newcomer.Run);
        }

        Scheduler.Run(RealTime);
        CompareVerdicts();
    }

    // All who could hear each other were told the same.
    private void CompareVerdicts()
    {
        if (Plan.Activity == Activity.Create || (Opening.MayFail && Plan.MayFail))
        {
            return; // a communicator that is not made yet has no verdict, each rank says what it missed; and of two faults one may come too late for some
        }

        Fault? first = null;
        foreach ((int rank, RankProgram program) in Ranks.Index())
        {
            bool couldHear = !_world[rank].IsDead && !Plan.Of(FaultKind.LostLink, rank) && !Plan.Of(FaultKind.Deadline, rank);
            if (!couldHear || program.Plane.TryGetVerdict() is not { } verdict)
            {
                continue;
            }

            first ??= verdict;
            if (verdict.Error != first.Error || verdict.Peer != first.Peer)
            {
                Scheduler.Fail($"rank {rank} was told {verdict.Error} of rank {verdict.Peer} and another one {first.Error} of rank {first.Peer}: {verdict.Message} {first.Message}");
            }
        }
    }

    /// <summary>The control plane as a communicator gets it.</summary>
    public IControlPlane Decorate(ControlPlane plane) => _world.Planted == Planted.FaultFlagNotPolled ? new DeafPlane(plane) : plane;

    private void AtPoint(PointKind point, SimProcess process)
    {
        Opening.At(point, process, _world, Timeout);
        Plan.At(point, process, _world, Timeout);
    }
}
