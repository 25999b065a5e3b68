using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Scheduling;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Simulation.Network;

/// <summary>The clock of the simulation, and its waits, as one process sees them.</summary>
internal sealed class SimPace(SimProcess process) : Pace
{
    private Scheduler Scheduler => process.Scheduler;

    public override long Timestamp => Scheduler.Now;

    public override DateTimeOffset UtcNow => DateTimeOffset.UnixEpoch.AddTicks(Scheduler.Now / 100);

    public override void Sleep(TimeSpan time)
    {
        Fiber self = Running("sleep");
        Scheduler.ParkUntil(self, At(time), "sleep");
    }

    /// <summary>
    /// Whoever waits this way has just looked, and looks again when this returns. What has happened since it returned last may have come after the look: then it returns at once.
    /// </summary>
    public override void Idle(TimeSpan longest)
    {
        Fiber self = Running("idle");
        process.Point(PointKind.Idle);
        if (self.Seen == process.Happenings)
        {
            process.Idles(self);
            try
            {
                Scheduler.ParkUntil(self, At(longest), "something to happen");
            }
            finally
            {
                process.IdlesNoMore(self);
            }
        }

        self.Seen = process.Happenings;
    }

    public override void Wake() => process.Happened();

    public override void Wait(object gate, TimeSpan longest)
    {
        Fiber self = Running("wait");
        self.Gate = gate;
        self.IsPulsed = false;
        int depth = 0;
        for (; Monitor.IsEntered(gate); depth++) // all of it, as a monitor's wait does
        {
            Monitor.Exit(gate);
        }

        try
        {
            process.Point(PointKind.Await);
            if (!self.IsPulsed)
            {
                Scheduler.ParkUntil(self, At(longest), "a pulse");
            }
        }
        finally
        {
            self.Gate = null;
            for (; depth > 0; depth--)
            {
                Monitor.Enter(gate);
            }
        }
    }

    public override void PulseAll(object gate) => Scheduler.Pulse(gate);

    public override void Start(string name, Action body) => Scheduler.Start(process, name, isUsers: false, body);

    private long At(TimeSpan longest) => longest < TimeSpan.FromDays(1) ? Scheduler.Now + (longest.Ticks * 100) : long.MaxValue;

    private Fiber Running(string what)
    {
        if (Scheduler.IsInEvent || Fiber.Current is not { } self)
        {
            throw new InvalidOperationException($"The control thread was about to {what}.");
        }

        return self;
    }
}
