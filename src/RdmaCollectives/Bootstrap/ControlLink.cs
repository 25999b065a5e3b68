using RdmaCollectives.Diagnostics;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// What joins this process to the other ranks of its job, shared by the control planes of all its communicators: frames go out by job rank, and what comes in is handed to the plane whose scope
/// it names. What concerns a process and not a communicator (its death, its goodbye, the end of the link itself) goes to every plane.
/// <code>
/// plane:  open -> left -> disposed       the last one that leaves says goodbye for the process; the last one that is disposed closes the link
/// </code>
/// </summary>
internal abstract class ControlLink(int rank, int worldSize)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, ControlPlane> _open = [];
    private readonly Dictionary<int, Fault> _deaths = [];
    private readonly HashSet<int> _leavers = [];
    private readonly List<Frame> _early = [];
    private long _earlyBytes;
    private int _splitting;
    private uint _splits;
    private int _users;
    private bool _saidGoodbye;
    private (Fault? Fault, string Reason)? _end;

    /// <summary>The rank of this process in its job.</summary>
    public int Rank => rank;

    /// <summary>The number of ranks of the job.</summary>
    public int WorldSize => worldSize;

    /// <summary>The clock of this process, and where its threads wait.</summary>
    public virtual Pace Pace => Pace.Real;

    /// <summary>This rank leaves, or has left: what the others report is no news any more.</summary>
    protected bool SaidGoodbye
    {
        get
        {
            lock (_gate)
            {
                return _saidGoodbye;
            }
        }
    }

    /// <summary>
    /// Sends to one rank of the job, or to all others where the frame names -1. From any thread; does not wait for the receiver. False when the link has ended: waits end by what is found to be the reason.
    /// </summary>
    public abstract bool TrySend(in Frame frame);

    /// <summary>
    /// A scope for the communicator that this rank may be the first rank of: its own number and a count, so that no two communicators of a job ever have the same one. The job's own scope is 0.
    /// </summary>
    public ulong NextScope() => ((ulong)rank << 32) | Interlocked.Increment(ref _splits);

    /// <summary>A split begins: from now on frames may come for a scope that is not open yet, from ranks that know it sooner. Kept until <see cref="EndSplit"/>.</summary>
    public void BeginSplit()
    {
        lock (_gate)
        {
            _splitting++;
        }
    }

    /// <summary>What was kept and has found no plane was for one that is closed.</summary>
    public void EndSplit()
    {
        lock (_gate)
        {
            if (--_splitting == 0)
            {
                _early.Clear();
                _earlyBytes = 0;
            }
        }
    }

    /// <summary>Gives the plane what has come for it, what is known of its members, and from now on what comes.</summary>
    /// <exception cref="RendezvousException">This rank has left.</exception>
    public void Open(ControlPlane plane)
    {
        // All under the lock, so that the control thread brings nothing in between; a plane that nobody has seen yet calls nobody.
        lock (_gate)
        {
            if (_saidGoodbye)
            {
                throw new RendezvousException("This rank has left the control plane.", rank);
            }

            foreach (Frame frame in _early)
            {
                if (frame.Scope == plane.Scope && frame.Kind != FrameKind.Question) // no call was made here that anyone could ask for
                {
                    plane.Take(frame);
                }
            }

            foreach (int leaver in _leavers)
            {
                plane.MemberLeft(leaver);
            }

            foreach ((int dead, Fault fault) in _deaths)
            {
                plane.MemberDied(dead, fault);
            }

            if (_end is var (endFault, reason))
            {
                plane.LinkEnded(endFault, reason);
            }

            _open.Add(plane.Scope, plane);
            _users++;
        }
    }

    /// <summary>The plane takes nothing more. True when it was the last one: then the goodbye of the process has told everybody.</summary>
    public bool Leave(ControlPlane plane)
    {
        lock (_gate)
        {
            if (!_open.Remove(plane.Scope) || _open.Count > 0)
            {
                return false;
            }

            _saidGoodbye = true;
        }

        SayGoodbye();
        return true;
    }

    /// <summary>The plane is disposed; the last one closes the link. For the others that is a death unless the goodbye was said.</summary>
    public void Release(ControlPlane plane)
    {
        bool saidGoodbye;
        lock (_gate)
        {
            _open.Remove(plane.Scope);
            if (--_users > 0)
            {
                return;
            }

            saidGoodbye = _saidGoodbye;
            _saidGoodbye = true;
        }

        Close(saidGoodbye);
    }

    /// <summary>The call that this process is in over another communicator, or null.</summary>
    public CallDescription? CallElsewhere(ControlPlane here)
    {
        ControlPlane[] others;
        lock (_gate)
        {
            others = [.. _open.Values.Where(plane => plane != here)];
        }

        return others.Select(plane => plane.StatusOf?.Invoke(0)).FirstOrDefault(status => status is { IsInCall: true })?.Call;
    }

    protected abstract void SayGoodbye();

    protected abstract void Close(bool saidGoodbye);

    /// <summary>Hands a frame to its plane. One for a scope that is not open is early while a split is under way, else late.</summary>
    /// <exception cref="CollectiveException">The frame makes no sense.</exception>
    protected void Deliver(in Frame frame)
    {
        ControlPlane? plane;
        lock (_gate)
        {
            if (!_open.TryGetValue(frame.Scope, out plane))
            {
                Keep(frame);
                return;
            }
        }

        plane.Take(frame);
    }

    /// <summary>A process of the job died: a fault of every communicator that it is a member of.</summary>
    protected void ProcessDied(int who, Fault fault)
    {
        foreach (ControlPlane plane in Note(() => _deaths.TryAdd(who, fault)))
        {
            plane.MemberDied(who, fault);
        }
    }

    /// <summary>A process of the job has left all its communicators.</summary>
    protected void ProcessLeft(int who)
    {
        foreach (ControlPlane plane in Note(() => _leavers.Add(who)))
        {
            plane.MemberLeft(who);
        }
    }

    protected bool HasProcessLeft(int who)
    {
        lock (_gate)
        {
            return _leavers.Contains(who);
        }
    }

    /// <summary>Nothing can be exchanged any more. A fault of every communicator, unless it is null: then only waits for something new end, with the reason.</summary>
    protected void Ended(Fault? fault, string reason)
    {
        foreach (ControlPlane plane in Note(() => _end ??= (fault, reason)))
        {
            plane.LinkEnded(fault, reason);
        }
    }

    // What is noted under the lock is told to planes that are opened later; those that are open now hear it outside of it, since that may call others.
    private ControlPlane[] Note(Action note)
    {
        lock (_gate)
        {
            note();
            return [.. _open.Values];
        }
    }

    private void Keep(in Frame frame)
    {
        if (_splitting == 0)
        {
            return;
        }

        _early.Add(frame);
        _earlyBytes += frame.ByteCount;
        if (_earlyBytes > Mailbox.MaxUnclaimedBytes)
        {
            throw new CollectiveException(Error.Protocol, $"More than {Mailbox.MaxUnclaimedBytes >> 20} MiB came for communicators that rank {rank} has not made; the last from rank {frame.Peer} of the job.", rank);
        }
    }
}
