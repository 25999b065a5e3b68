using RdmaCollectives.Simulation.Network;
using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation.Faults;

/// <summary>The one fault of a simulation: what, to whom, and at which point; and whether it came to it.</summary>
internal sealed class FaultPlan(FaultKind kind, PointKind point, Activity activity, int victim, int countdown)
{
    private int _countdown = countdown;

    public FaultKind Kind => kind;

    public PointKind Point => point;

    public Activity Activity => activity;

    public int Victim => victim;

    /// <summary>When it was put, or -1.</summary>
    public long PutAt { get; private set; } = -1;

    /// <summary>The communicator of the victim was at fault, or there was none: what was put changes nothing.</summary>
    public bool IsPut => PutAt >= 0;

    /// <summary>Whether a program may end by a fault.</summary>
    public bool MayFail => IsPut && kind is not (FaultKind.None or FaultKind.Pause or FaultKind.SlowLink);

    /// <summary>This kind was put, to this rank.</summary>
    public bool Of(FaultKind which, int rank) => IsPut && kind == which && victim == rank;

    /// <summary>Looks whether this is the point. The fault itself comes in an event: no thread of the victim does it.</summary>
    public void At(PointKind where, SimProcess process, SimWorld world, TimeSpan timeout)
    {
        if (IsPut || process.Rank != victim || where != point || process.Activity != activity || process.IsDead || --_countdown > 0)
        {
            return;
        }

        PutAt = world.Scheduler.Now;
        world.Scheduler.Note($"fault: {kind} of rank {victim} at {point} in {activity}");
        world.Scheduler.Events.Add(world.Scheduler.Now, () => Put(process, world, timeout));
    }

    private void Put(SimProcess process, SimWorld world, TimeSpan timeout)
    {
        Scheduler scheduler = world.Scheduler;
        SeededRandom random = world.Random;
        switch (kind)
        {
            case FaultKind.Death:
                process.IsDead = true;
                process.Link.GoDown("the simulation ended it", isProven: true);
                process.Transports.ForEach(transport => transport.Die());
                scheduler.WakeAll(process);
                break;

            case FaultKind.FailedCompletion:
                SimTransport[] transports = [.. process.Transports.Where(transport => !transport.IsFenced && transport.AnyPeer() >= 0)];
                if (transports.Length > 0)
                {
                    SimTransport failing = transports[^1];
                    failing.Fail(failing.AnyPeer(), ended: false);
                }

                break;

            case FaultKind.LostLink:
                process.IsCutOff = true;
                process.Link.GoDown("its link is lost", isProven: false);
                process.Link.CutOff();
                process.Happened();
                break;

            case FaultKind.Pause:
                process.PausedUntil = scheduler.Now + (random.Between(1, 5000) * Scheduler.Millisecond);
                break;

            case FaultKind.Deadline:
                process.PausedUntil = scheduler.Now + ((long)timeout.TotalSeconds * Scheduler.Second) + (random.Between(1, 3000) * Scheduler.Millisecond);
                break;

            case FaultKind.SlowLink:
                process.IsSlow = true;
                break;

            case FaultKind.Cancel:
                process.Cancellation?.Cancel();
                break;

            case FaultKind.Abort:
                process.Communicator?.Abort();
                break;
        }
    }
}
