using RdmaCollectives.Bootstrap;
using RdmaCollectives.Schedules;
using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Network;
using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>Runs a program on one rank, as a user would write it, and looks at everything that comes back: results, exceptions, and the memory after a fault.</summary>
internal sealed unsafe partial class RankProgram(Simulation simulation, SimProcess process, ControlPlane plane)
{
    /// <summary>A fault is known to all by then; no rank that takes part in a call takes longer to say so.</summary>
    private const long FaultBound = 2 * Scheduler.Second;

    /// <summary>What could not be delivered after its call had returned is told when its rank leaves, which it does after <see cref="Settling"/> here.</summary>
    private const long UndeliveredBound = 4 * Scheduler.Second;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2.5);

    private readonly List<GuardedBuffer> _buffers = [];
    private readonly List<Communicator> _disposables = [];
    private Communicator _world = null!;
    private Communicator? _part;
    private int _call;

    /// <summary>The fault that the program ended by, in words; null where it came to its end.</summary>
    public string? EndedBy { get; private set; }

    /// <summary>It has left the communicator of all, or is about to.</summary>
    public bool HasLeft { get; private set; }

    public ControlPlane Plane => plane;

    private Scheduler Scheduler => process.Scheduler;

    private FaultPlan Plan => simulation.Plan;

    /// <summary>Where a rank leaves out a call and the next one is the same, nobody can tell: the results are those of another call.</summary>
    private bool MayBeOff => simulation.Deviation.Rank == process.Rank || simulation.Deviation.Kind == DeviationKind.Skip;

    public void Run()
    {
        if (TryCreate())
        {
            RunProgram();
            Communicator? grown = EndedBy is null && simulation.Grows ? Grow() : null;
            if (EndedBy is not null)
            {
                LookThatItLasts();
            }

            if (grown is null && (EndedBy is null || !simulation.GoesOn))
            {
                Settle();
            }

            var goingOn = new GoingOn(simulation, process, _disposables, count => Make(count, null));
            if (grown is not null)
            {
                goingOn.AfterGrow(grown);
            }
            else if (simulation.GoesOn && plane.Faults.IsSet)
            {
                goingOn.AfterFault(_world);
            }

            Dispose();
        }

        LookAtMemory();
    }

    private bool TryCreate()
    {
        process.Activity = Activity.Create;
        long start = Scheduler.Now;
        try
        {
            _world = CommunicatorFactory.CreateLocal(simulation.Options with { Rank = process.Rank }, simulation.Decorate(plane), simulation.Fabric);
            process.Communicator = _world;
            _disposables.Add(_world);
            return true;
        }
        catch (CollectiveException error)
        {
            HasLeft = true;
            Faulted(error, start);
            return false;
        }
    }

    private void RunProgram()
    {
        foreach ((int index, Instruction common) in simulation.Program.Index())
        {
            foreach (Lateness late in simulation.Latenesses)
            {
                if (late.Rank == process.Rank && late.Index == index)
                {
                    process.Pace.Sleep(late.By);
                }
            }

            _call += 8;
            if (simulation.Deviation.Of(common, process.Rank, index) is not { } instruction)
            {
                simulation.LastStart = Scheduler.Now;
                continue;
            }

            Communicator communicator = instruction.InPart && _part is not null ? _part : _world;
            process.Communicator = communicator;
            long start = Scheduler.Now;
            simulation.LastStart = start;
            int first = _buffers.Count;
            try
            {
                Execute(instruction, communicator);
            }
            catch (Exception error) when (error is CollectiveException or OperationCanceledException)
            {
                Faulted(error, start);
                for (int i = first; i < _buffers.Count; i++)
                {
                    _buffers[i].Seal();
                }

                return;
            }
        }
    }

    // Null where it was not: by a fault, or because nobody had come.
    private Communicator? Grow()
    {
        process.Activity = Activity.Grow;
        process.Communicator = _world;
        long start = Scheduler.Now;
        simulation.LastStart = start;
        try
        {
            return _world.Grow(simulation.GrowsBy);
        }
        catch (RendezvousException tooFew) when (!plane.Faults.IsSet)
        {
            Scheduler.Note(tooFew.Message);
            if (!simulation.NewcomersMayMiss)
            {
                Scheduler.Fail($"rank {process.Rank} did not grow: {tooFew.Message}");
            }

            return null;
        }
        catch (CollectiveException error)
        {
            Faulted(error, start);
            return null;
        }
    }

    private void Faulted(Exception error, long start)
    {
        EndedBy = error.Message;
        if (Scheduler.Trace is not null)
        {
            Scheduler.Note($"{error.GetType().Name}: {error.Message}");
        }

        if (!simulation.MayFail)
        {
            Scheduler.Fail($"rank {process.Rank} ended by a fault, and there was none: {error.GetType().Name}: {error.Message}");
            return;
        }

        long since = Math.Max(simulation.LastPutAt, simulation.Latenesses.Count > 0 || !simulation.HasFault ? Math.Max(start, simulation.LastStart) : start);
        long bound = simulation.HasFailedCompletion ? UndeliveredBound : FaultBound;
        bound = simulation.EndsByDeadline ? FaultBound + (long)(Simulation.Timeout.TotalSeconds * Scheduler.Second * 2) : bound;
        bool isAfterPart = simulation.HasParts && error is CollectiveException { Error: Error.PeerLeft }; // it waited in a part for a rank that ended by a fault of another communicator, and left when it was done with that
        if (Scheduler.Now - since > bound && !isAfterPart)
        {
            Scheduler.Fail($"rank {process.Rank} ended by a fault {(Scheduler.Now - since) / Scheduler.Millisecond} ms after it: {error.Message}");
        }

        if (Verdicts.Complaint(simulation, process.Rank, error) is { } complaint)
        {
            Scheduler.Fail($"rank {process.Rank}, after {simulation.WhatHappened}: {complaint}");
        }
    }

    // A fault is sticky: the communicator that had it has it for good.
    private void LookThatItLasts()
    {
        if (!plane.Faults.IsSet)
        {
            return; // that of a part
        }

        try
        {
            _world.Barrier();
            Scheduler.Fail($"rank {process.Rank} called a barrier after a fault, and it returned");
        }
        catch (Exception error) when (error is CommunicatorFaultException or CollectiveMismatchException)
        {
            // As it should be; a mismatch is told in its own words to one call, which may be this one.
        }
    }

    // What one rank knows of the communicator of all, all know a little later.
    private void Settle()
    {
        if (!simulation.Ranks.Any(rank => rank.Plane.Faults.IsSet) && (!simulation.HasFault || EndedBy is not null || Plan.Of(FaultKind.FailedCompletion, process.Rank) || simulation.Opening.Of(FaultKind.FailedCompletion, process.Rank)))
        {
            return; // nothing is wrong, or that of a part: others still wait for this rank elsewhere
        }

        bool othersKnow = simulation.Ranks.Any(rank => rank.IsSoundAndAtFault);
        process.Pace.Sleep(Settling);
        if (othersKnow && !plane.Faults.IsSet && !process.IsCutOff)
        {
            Scheduler.Fail($"rank {process.Rank} does not know of a fault that another rank has known for {Settling.TotalSeconds} s");
        }
    }

    private bool IsSoundAndAtFault => !HasLeft && !process.IsDead && !process.IsCutOff && plane.Faults.IsSet;

    private void Dispose()
    {
        process.Activity = Activity.Dispose;
        HasLeft = true;
        if (Scheduler.Random.OneIn(2))
        {
            _disposables.Reverse();
        }

        foreach (Communicator communicator in _disposables)
        {
            communicator.Dispose();
        }
    }

    private void LookAtMemory()
    {
        foreach (GuardedBuffer buffer in _buffers)
        {
            Check(buffer.Complaint());
            buffer.Free();
        }
    }

    private CollectiveCall Call(Instruction instruction, Communicator communicator, CollectiveKind kind, int number) =>
        new(communicator, kind, _call + number, instruction.Count, instruction.Root, kind == instruction.Collective ? instruction.Algorithm : null, count => Make(instruction, communicator, count));

    private GuardedBuffer Make(Instruction instruction, Communicator communicator, int count)
    {
        return Make(count, instruction.IsRegistered ? communicator.Allocate<int>(GuardedBuffer.WithGuards(count)) : null);
    }

    private GuardedBuffer Make(int count, RegisteredBuffer<int>? registered)
    {
        var buffer = new GuardedBuffer(simulation.Arena, count, registered);
        _buffers.Add(buffer);
        return buffer;
    }

    private void Fill(GuardedBuffer buffer, int rank)
    {
        for (int i = 0; i < buffer.Count; i++)
        {
            buffer.Elements[i] = Values.Of(_call, rank, i);
        }
    }

    private void Compare(GuardedBuffer buffer, int rank, string what)
    {
        if (MayBeOff)
        {
            return;
        }

        for (int i = 0; i < buffer.Count; i++)
        {
            if (buffer.Elements[i] != Values.Of(_call, rank, i))
            {
                Check($"element {i} of {what} {rank} is 0x{buffer.Elements[i]:x}, not 0x{Values.Of(_call, rank, i):x}");
                return;
            }
        }
    }

    // The call has returned: its memory is the caller's again, who writes what comes next.
    private void CheckResult(CollectiveCall call)
    {
        if (!MayBeOff)
        {
            Check(call.Complaint());
        }

        call.Scribble();
    }

    private void Check(string? complaint)
    {
        if (complaint is not null)
        {
            Scheduler.Fail($"rank {process.Rank}: {complaint}");
        }
    }
}
