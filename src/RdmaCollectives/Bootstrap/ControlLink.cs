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
internal abstract class ControlLink(int rank, int worldSize, Pace? pace = null) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, ControlPlane> _open = [];
    private readonly Dictionary<int, Fault> _deaths = [];
    private readonly Dictionary<int, Fault> _suspects = [];
    private readonly Arrivals _arrivals = new(rank, pace ?? Pace.Real);
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

    /// <summary>The number of ranks that the job started with: those of the communicator of scope 0. Newcomers have the numbers from here on.</summary>
    public int WorldSize => worldSize;

    /// <summary>The clock of this process, and where its threads wait.</summary>
    public Pace Pace { get; } = pace ?? Pace.Real;

    /// <summary>
    /// Processes that have come after the start and belong to no communicator yet, by the rank that they have in the job: <see cref="WorldSize"/> and up, in the order in which they came, never given twice.
    /// Each can be sent to. They stay listed until <see cref="TakeIn"/>, or until they die or leave.
    /// </summary>
    public IReadOnlyList<int> Newcomers => _arrivals.Waiting;

    /// <summary>Why no newcomers can come any more; null while they can.</summary>
    public string? WhyNoNewcomers => _arrivals.WhyNoMore;

    /// <summary>Waits until so many newcomers are there, or for the time. Returns those that are.</summary>
    public IReadOnlyList<int> AwaitNewcomers(int atLeast, TimeSpan timeout, CancellationToken cancellationToken = default) => _arrivals.Await(atLeast, timeout, cancellationToken);

    /// <summary>These newcomers are members of a communicator now: they wait no more.</summary>
    public void TakeIn(IEnumerable<int> newcomers) => _arrivals.Remove(newcomers);

    /// <summary>
    /// For a newcomer: waits for an invitation (<see cref="FrameKind.Invite"/>) and returns its payload; several are given in their order. Frames of scopes that are not open yet are kept meanwhile, and
    /// until <see cref="EndSplit"/> is called once, after the plane of the new communicator was opened.
    /// </summary>
    /// <exception cref="RendezvousException">None came in time, or the link has ended.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public byte[] AwaitInvitation(TimeSpan timeout, CancellationToken cancellationToken = default) => _arrivals.AwaitInvitation(timeout, cancellationToken);

    /// <summary>
    /// Whether the process of this rank has certainly ended, and all that it sent to this one has been delivered. What is proven stays so.
    /// </summary>
    public bool IsProvenDead(int jobRank)
    {
        lock (_gate)
        {
            return _deaths.ContainsKey(jobRank);
        }
    }

    /// <summary>
    /// Whether all that this rank of the job sends to this one comes by one way of its own, so that its end is behind it. False where others pass it on: what they held when they died is lost, and what they tell of ends
    /// may overtake the rest.
    /// </summary>
    public virtual bool HearsDirectly(int jobRank) => true;

    /// <summary>Whether contact with this rank was lost without a proof that its process has ended: it may live. Stays so until its death is proven.</summary>
    public bool IsSuspected(int jobRank)
    {
        lock (_gate)
        {
            return _suspects.ContainsKey(jobRank) && !_deaths.ContainsKey(jobRank);
        }
    }

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

            foreach ((int suspect, Fault fault) in _suspects)
            {
                if (!_deaths.ContainsKey(suspect))
                {
                    plane.MemberDied(suspect, fault);
                }
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

    /// <summary>Ends a link that no plane was ever opened on, such as a newcomer's that was not invited: a goodbye. Does nothing while there are planes; the last of them closes it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_users > 0 || _saidGoodbye)
            {
                return;
            }

            _saidGoodbye = true;
        }

        SayGoodbye();
        Close(saidGoodbye: true);
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
        if (frame.Kind == FrameKind.Invite)
        {
            _arrivals.PutInvitation(frame.Payload.ToArray());
            return;
        }

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

    /// <summary>
    /// A process of the job has certainly ended: a fault of every communicator that it is a member of. Called once, and only after everything that it had sent to this one was delivered.
    /// </summary>
    protected void ProcessDied(int who, Fault fault)
    {
        _arrivals.Remove([who]);
        Tell(who, _deaths, fault with { IsProven = true });
    }

    /// <summary>Contact with a process of the job was lost, and it may live: a fault of every communicator that it is a member of, in other words. A proof of its death may follow.</summary>
    protected void ProcessUnreachable(int who, Fault fault)
    {
        _arrivals.Remove([who]);
        Tell(who, _suspects, fault with { IsProven = false });
    }

    /// <summary>No newcomers can come from now on, for a reason; those that are there stay.</summary>
    protected void NewcomersEnd(string reason) => _arrivals.EndComing(reason);

    /// <summary>A newcomer can be sent to from now on.</summary>
    protected void NewcomerCame(int who) => _arrivals.Add(who);

    /// <summary>A process of the job has left all its communicators.</summary>
    protected void ProcessLeft(int who)
    {
        _arrivals.Remove([who]);
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
        _arrivals.Close(reason);
        foreach (ControlPlane plane in Note(() => _end ??= (fault, reason)))
        {
            plane.LinkEnded(fault, reason);
        }
    }

    private void Tell(int who, Dictionary<int, Fault> losses, Fault fault)
    {
        foreach (ControlPlane plane in Note(() => losses.TryAdd(who, fault)))
        {
            plane.MemberDied(who, fault);
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
