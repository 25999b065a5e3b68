using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation.Network;

/// <summary>The processes of a simulated job, and how long things take between them.</summary>
internal sealed class SimWorld
{
    private const int SlowFrames = 40;
    private const int SlowMessages = 10;

    private readonly SimProcess[] _processes;
    private readonly int _rareDelayOneIn;

    public SimWorld(Scheduler scheduler, Arena arena, int ranks, int newcomers, Planted planted)
    {
        Scheduler = scheduler;
        Arena = arena;
        Planted = planted;
        Ranks = ranks;
        _rareDelayOneIn = Random.Pick(5, 50, 1000);
        ReadsInPlace = Random.OneIn(2);
        WritesInPlace = Random.OneIn(2);
        NoticesEnds = Random.OneIn(2);
        NeedsSender = Random.OneIn(2);
        _processes = [.. Enumerable.Range(0, ranks + newcomers).Select(rank => new SimProcess(scheduler, rank))];
        foreach (SimProcess process in _processes)
        {
            process.Link = new SimLink(this, process);
        }
    }

    public Scheduler Scheduler { get; }

    public Arena Arena { get; }

    public Planted Planted { get; }

    /// <summary>That the job starts with; newcomers have the numbers from here on.</summary>
    public int Ranks { get; }

    public int ProcessCount => _processes.Length;

    public SeededRandom Random => Scheduler.Random;

    /// <summary>Large messages are read from registered memory where it lies, some time after they were sent.</summary>
    public bool ReadsInPlace { get; }

    /// <summary>Messages are written straight to where they are wanted, piece by piece.</summary>
    public bool WritesInPlace { get; }

    /// <summary>A connection whose other end has died fails after a while, as sockets and queue pairs do; else nothing is noticed, as in shared memory.</summary>
    public bool NoticesEnds { get; }

    /// <summary>What a process has sent and is not there yet is lost when it ends, as with queue pairs.</summary>
    public bool NeedsSender { get; }

    public SimProcess this[int rank] => _processes[rank];

    public IReadOnlyList<SimProcess> Processes => _processes;

    /// <summary>
    /// What a process sent last over its link may be lost when it dies. Not where ranks shrink: the agreement stands on a death being told after all that the dead one sent (ADR 17), and the link on keeping to that.
    /// </summary>
    public bool LosesLastFrames { get; init; }

    /// <summary>Messages of communicators that have ended, by the processes that they were between: for a bug that is planted.</summary>
    public Dictionary<(int From, int To), Queue<(Transports.MessageHeader Header, byte[] Payload)>> Stale { get; } = [];

    public long FrameDelay(SimProcess from, SimProcess to)
    {
        long delay = Random.OneIn(_rareDelayOneIn) ? Random.Between(1, 5) * Scheduler.Millisecond : Random.Between(10, 150) * Scheduler.Microsecond;
        return from.IsSlow || to.IsSlow ? delay * SlowFrames : delay;
    }

    public long MessageDelay(SimProcess from, SimProcess to)
    {
        if (from.IsLingering)
        {
            return Random.Between(100, 400) * Scheduler.Millisecond;
        }

        long delay = CopyDelay(from);
        return to.IsSlow && !from.IsSlow ? delay * SlowMessages : delay;
    }

    /// <summary>What a write within a process takes.</summary>
    public long CopyDelay(SimProcess process)
    {
        long delay = Random.OneIn(_rareDelayOneIn) ? Random.Between(20, 400) * Scheduler.Microsecond : Random.Between(1, 10) * Scheduler.Microsecond;
        return process.IsSlow ? delay * SlowMessages : delay;
    }
}
