using RdmaCollectives.Timing;

namespace RdmaCollectives.Diagnostics;

/// <summary>
/// What the ranks of a communicator tell each other once it is at fault, each once: the first fault that it knows of, and what it did. When all have spoken who can, or after <see cref="Patience"/>, the
/// least fault by <see cref="FaultOrder"/> is the verdict. All ranks hear the same, so all come to the same, but for what comes too late.
/// Any thread; nothing is called under the lock.
/// </summary>
internal sealed class Inquest(int rank, int worldSize, FaultState faults, Pace pace)
{
    /// <summary>How long silent ranks are waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Fault?[] _first = new Fault?[worldSize]; // by who told it
    private readonly RankStatus?[] _statuses = new RankStatus?[worldSize];
    private readonly bool[] _spoke = new bool[worldSize];
    private readonly List<Fault> _deaths = [];
    private readonly bool[] _left = new bool[worldSize];
    private long _openedAt;
    private bool _isDeaf;

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

    /// <summary>The verdict; null while ranks are silent that may still speak, or where there is no fault.</summary>
    public Fault? TryClose()
    {
        if (!faults.IsSet || faults.Verdict is not null)
        {
            return faults.Verdict;
        }

        lock (_gate)
        {
            if (_openedAt == 0 || (!_isDeaf && !HaveAllSpoken() && pace.Since(_openedAt) < Patience))
            {
                return null;
            }

            Fault least = _deaths.Concat(_first.OfType<Fault>()).Order(FaultOrder.Instance).First();
            faults.Decide(Verdict.Of(least, _statuses, [.. Enumerable.Range(0, worldSize).Select(Gone)]));
        }

        return faults.Verdict;
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
