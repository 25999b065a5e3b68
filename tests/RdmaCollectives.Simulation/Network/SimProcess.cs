using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation.Network;

/// <summary>A process of a simulated job: its pace, its link, and what has become of it.</summary>
internal sealed class SimProcess
{
    private readonly List<Fiber> _idle = [];

    public SimProcess(Scheduler scheduler, int rank)
    {
        Scheduler = scheduler;
        Rank = rank;
        Pace = new SimPace(this);
    }

    public Scheduler Scheduler { get; }

    public int Rank { get; }

    public SimPace Pace { get; }

    public SimLink Link { get; set; } = null!;

    /// <summary>Those of all its communicators.</summary>
    public List<SimTransport> Transports { get; } = [];

    public Activity Activity { get; set; }

    public bool IsDead { get; set; }

    /// <summary>Its control link is lost.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>What it sends and gets is slow.</summary>
    public bool IsSlow { get; set; }

    /// <summary>What it sends takes long to arrive, so that it has to linger before it leaves.</summary>
    public bool IsLingering { get; set; }

    public long PausedUntil { get; set; }

    /// <summary>Counts what has happened to it; see <see cref="SimPace.Idle"/>.</summary>
    public long Happenings { get; private set; }

    /// <summary>What another thread of it would call: abort, and cancel.</summary>
    public Communicator? Communicator { get; set; }

    public CancellationTokenSource? Cancellation { get; set; }

    public bool IsPausedAt(long now) => PausedUntil > now;

    /// <summary>Something came for it: whoever looks again and again looks now.</summary>
    public void Happened()
    {
        Happenings++;
        foreach (Fiber fiber in _idle)
        {
            Scheduler.Wake(fiber);
        }
    }

    public void Idles(Fiber fiber) => _idle.Add(fiber);

    public void IdlesNoMore(Fiber fiber) => _idle.Remove(fiber);

    public void Point(PointKind kind) => Scheduler.Point(kind, this);
}
