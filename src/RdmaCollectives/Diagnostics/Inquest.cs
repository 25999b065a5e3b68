using RdmaCollectives.Timing;

namespace RdmaCollectives.Diagnostics;

/// <summary>
/// What the ranks of a communicator tell each other once it is at fault, each once: the first fault that it knows of, and what it did. When all have spoken who can, or after <see cref="Patience"/>, the
/// least fault by <see cref="FaultOrder"/> is the verdict.
/// <para>
/// One rank takes the chair: the lowest that is there, after that time the lowest that has spoken. It tells its verdict to all others, who take that one: what reached some ranks too late is so no difference between them. Where the chair says
/// nothing for <see cref="PatienceWithTheChair"/> more, each finds the verdict itself.
/// </para>
/// Any thread; nothing is called under the lock.
/// </summary>
internal sealed class Inquest(int rank, int worldSize, FaultState faults, Pace pace)
{
    /// <summary>How long silent ranks are waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(600);

    /// <summary>How much longer the verdict of the chair is waited for.</summary>
    public static readonly TimeSpan PatienceWithTheChair = TimeSpan.FromMilliseconds(300);

    private readonly Lock _gate = new();
    private readonly Fault?[] _first = new Fault?[worldSize]; // by who told it
    private readonly RankStatus?[] _statuses = new RankStatus?[worldSize];
    private readonly bool[] _spoke = new bool[worldSize];
    private readonly List<Fault> _deaths = [];
    private readonly bool[] _left = new bool[worldSize];
    private long _openedAt;
    private bool _isDeaf;
    private int _isAnnouncementDue;

    /// <summary>What one rank says. The own one opens the inquest.</summary>
    public void Hear(int from, Fault first, RankStatus? status)
    {
        lock (_gate)
        {
            if (_spoke[from])
            {
                return;
            }

            _openedAt = _openedAt == 0 ? pace.Timestamp : _openedAt;
            _spoke[from] = true;
            _first[from] = first;
            _statuses[from] = status;
        }
    }

    /// <summary>A member died: it says nothing any more, and that is the fault, whatever else was noticed before.</summary>
    public void Died(Fault death)
    {
        lock (_gate)
        {
            _deaths.Add(death);
        }
    }

    /// <summary>A member has left: nobody waits for what it says.</summary>
    public void Left(int peer)
    {
        lock (_gate)
        {
            _left[peer] = true;
        }
    }

    /// <summary>Nothing more can be heard: nobody is waited for.</summary>
    public void Deafen()
    {
        lock (_gate)
        {
            _isDeaf = true;
        }
    }

    /// <summary>The verdict of the chair came. It stands, unless there is one here already.</summary>
    public void Adopt(Fault verdict)
    {
        lock (_gate)
        {
            faults.Decide(verdict);
        }
    }

    /// <summary>The verdict; null while ranks are silent that may still speak, or where there is no fault.</summary>
    public Fault? TryClose()
    {
        if (!faults.IsSet || faults.Verdict is not null)
        {
            return faults.Verdict;
        }

        lock (_gate)
        {
            if (_openedAt == 0 || faults.Verdict is not null)
            {
                return faults.Verdict;
            }

            TimeSpan open = pace.Since(_openedAt);
            bool isOver = _isDeaf || open >= Patience;
            bool isChair = Chair(isOver) == rank;
            if (isChair ? !isOver && !HaveAllSpoken() : !_isDeaf && open < Patience + PatienceWithTheChair)
            {
                return null;
            }

            Fault least = _deaths.Concat(_first.OfType<Fault>()).Order(FaultOrder.Instance).First();
            faults.Decide(Verdict.Of(least, _statuses, [.. Enumerable.Range(0, worldSize).Select(Gone)]));
            _isAnnouncementDue = isChair ? 1 : 0;
        }

        return faults.Verdict;
    }

    /// <summary>Whether the caller has to tell the verdict to the others; once.</summary>
    public bool TakeAnnouncement() => Interlocked.Exchange(ref _isAnnouncementDue, 0) != 0;

    private int Chair(bool isOver)
    {
        for (int peer = 0; peer < worldSize; peer++)
        {
            if (isOver ? _spoke[peer] && Gone(peer) is null : Gone(peer) is null)
            {
                return peer;
            }
        }

        return rank;
    }

    private bool HaveAllSpoken()
    {
        for (int peer = 0; peer < worldSize; peer++)
        {
            if (!_spoke[peer] && Gone(peer) is null)
            {
                return false;
            }
        }

        return true;
    }

    private RankActivity? Gone(int peer) =>
        _deaths.Exists(death => IsDeathOf(death, peer)) || Array.Exists(_first, first => first is not null && IsDeathOf(first, peer)) ? RankActivity.Dead
        : _left[peer] && peer != rank ? RankActivity.Left
        : null;

    // One that is only suspected may still speak.
    private static bool IsDeathOf(Fault fault, int peer) => fault is { Error: Error.PeerDied, IsProven: true } && fault.Peer == peer;
}
