namespace RdmaCollectives.Membership;

/// <summary>
/// One rank's part in agreeing on a communicator's successor (ADR 17): no clock, no threads, no sockets. Whoever drives it tells what comes, what is known of deaths, and the time; it answers by messages
/// to send, in this order and to these ranks, and in the end by <see cref="Outcome"/>.
/// <code>
/// as a member:       idle -> promised -> voted -> decided      idle: the program has not called, or has given up: takes part in nothing, remembers all
/// as a coordinator:  no -> preparing -> accepting -> decided   no: a higher ballot came, or it has not begun
/// </code>
/// </summary>
internal class Agreement
{
    private readonly int _rank;
    private readonly int _worldSize;
    private readonly int _epoch;
    private readonly Func<ulong> _nextScope;
    private readonly QuorumRule _rule;
    private readonly TimeSpan _step;
    private readonly bool[] _suspected;
    private readonly bool[] _promisers;
    private readonly bool[] _voters;
    private readonly Queue<(int To, AgreementMessage Message)> _outbox = new();
    private AgreementMessage? _proposal; // the accept of the highest ballot that came
    private Ballot _promised = Ballot.None;
    private Ballot _prepared = Ballot.None; // the highest ballot that somebody collects for
    private Ballot _mine = Ballot.None;
    private Roster? _proposed; // mine
    private bool _isCollecting;
    private bool _isCalled;
    private bool _needsAll;
    private ulong _completed;
    private int[] _newcomers = [];
    private TimeSpan _collectUntil;
    private TimeSpan _takeOverAt = TimeSpan.MaxValue;
    private TimeSpan _stepsUntil;
    private int _takeOvers;

    /// <param name="rank">This rank.</param>
    /// <param name="worldSize">The number of members of the communicator.</param>
    /// <param name="epoch">The epoch of the successor.</param>
    /// <param name="nextScope">A scope that no other communicator of the job has.</param>
    /// <param name="step">After how long the next rank takes over from a coordinator that is not heard of.</param>
    /// <param name="rule">What a quorum is.</param>
    public Agreement(int rank, int worldSize, int epoch, Func<ulong> nextScope, TimeSpan step, QuorumRule? rule = null)
    {
        _rank = rank;
        _worldSize = worldSize;
        _epoch = epoch;
        _nextScope = nextScope;
        _step = step;
        _rule = rule ?? QuorumRule.Standard;
        _suspected = new bool[worldSize];
        _promisers = new bool[worldSize];
        _voters = new bool[worldSize];
        Known = new Knowledge(worldSize);
    }

    /// <summary>The roster that is decided, once this rank knows it.</summary>
    public Roster? Outcome { get; private set; }

    /// <summary>What this rank knows.</summary>
    public Knowledge Known { get; }

    /// <summary>When <see cref="Tick"/> has something to do next, if nothing comes before.</summary>
    public TimeSpan NextTick { get; private set; } = TimeSpan.MaxValue;

    /// <summary>The next message to send, in order.</summary>
    public bool TryTakeMessage(out int to, out AgreementMessage message)
    {
        bool has = _outbox.TryDequeue(out (int To, AgreementMessage Message) next);
        (to, message) = next;
        return has;
    }

    /// <summary>The program has called: from now on this rank takes part.</summary>
    /// <param name="now">The time.</param>
    /// <param name="collectFor">How long to wait for those that are alive and have not called.</param>
    /// <param name="completed">The last collective that this rank completed.</param>
    /// <param name="newcomers">Who is to be taken in; the same on all ranks.</param>
    /// <param name="needsAll">A death or a silence ends it: nothing new is proposed without all members.</param>
    public void Call(TimeSpan now, TimeSpan collectFor, ulong completed, int[]? newcomers = null, bool needsAll = false)
    {
        _isCalled = true;
        _completed = completed;
        _newcomers = newcomers ?? [];
        _needsAll = needsAll;
        _collectUntil = now + collectFor;
        _takeOvers = 0;
        if (Outcome is null && _prepared > _promised)
        {
            Promise(_prepared);
        }

        if (_proposal is { } missed && missed.Ballot == _promised)
        {
            VoteFor(missed);
        }

        ScheduleTakeOver(now);
        Tick(now);
    }

    /// <summary>The program has given up: this rank takes part in nothing new until it calls again.</summary>
    public void GiveUp()
    {
        _isCalled = false;
        _mine = Ballot.None;
        NextTick = TimeSpan.MaxValue;
    }

    /// <summary>A rank is proven dead, or has left; everything that it sent has been received.</summary>
    public void Died(TimeSpan now, int rank)
    {
        if (!Known.IsDead(rank))
        {
            Known.Died(rank);
            ScheduleTakeOver(now);
            Tick(now);
        }
    }

    /// <summary>A rank is thought dead, or not any more.</summary>
    public void Suspect(TimeSpan now, int rank, bool isSuspected)
    {
        if (_suspected[rank] != isSuspected)
        {
            _suspected[rank] = isSuspected;
            ScheduleTakeOver(now);
            Tick(now);
        }
    }

    /// <summary>A message of another rank.</summary>
    public void Receive(TimeSpan now, int from, AgreementMessage message)
    {
        if (Outcome is { } outcome)
        {
            if (message.Kind < AgreementKind.Decision)
            {
                Send(from, new AgreementMessage(AgreementKind.Decision, Ballot.None, outcome));
            }

            return;
        }

        Ballot ballot = message.Ballot;
        switch (message.Kind)
        {
            case AgreementKind.Prepare:
                _prepared = ballot > _prepared ? ballot : _prepared;
                if (_isCalled && ballot > _promised)
                {
                    Promise(ballot);
                    ScheduleTakeOver(now);
                }

                break;
            case AgreementKind.Promise:
                Known.Promised(from, ballot, message.Completed);
                if (message.Known is { } theirs)
                {
                    Known.Merge(theirs);
                }

                if (ballot == _mine && _isCollecting)
                {
                    _promisers[from] = true;
                }

                break;
            case AgreementKind.Accept:
                if (_proposal is null || ballot > _proposal.Ballot)
                {
                    _proposal = message;
                }

                if (_isCalled && ballot == _promised)
                {
                    VoteFor(message);
                }

                break;
            case AgreementKind.Vote:
                Known.Voted(ballot, message.Roster!);
                if (ballot == _mine && !_isCollecting)
                {
                    _voters[from] = true;
                }

                break;
            case AgreementKind.Decision:
                TakeOver(message.Roster!);
                break;
        }

        Tick(now);
    }

    /// <summary>Time has passed.</summary>
    public void Tick(TimeSpan now)
    {
        NextTick = TimeSpan.MaxValue;
        if (!_isCalled || Outcome is not null)
        {
            return;
        }

        if (!_mine.IsNone && IsOvertaken(_mine, Known.HighestPromise))
        {
            _mine = Ballot.None; // somebody else collects
            ScheduleTakeOver(now);
        }

        if (!_mine.IsNone)
        {
            Coordinate(now);
        }
        else if (now >= _takeOverAt)
        {
            Prepare(now);
        }
        else
        {
            NextTick = _takeOverAt;
        }
    }

    /// <summary>Why there is no roster yet, for words: the ranks that this one counts on, and the base that they are too few of.</summary>
    public (bool[] These, int Count, int Base) Standing()
    {
        bool[] these = new bool[_worldSize];
        for (int rank = 0; rank < _worldSize; rank++)
        {
            these[rank] = rank == _rank || (!Known.IsDead(rank) && !_suspected[rank] && !Known.PromiseOf(rank).IsNone);
        }

        (int count, int all, _) = _rule.Count(Known, these);
        return (these, count, all);
    }

    /// <summary>What to propose: the highest vote that is known, else a new roster.</summary>
    protected virtual Roster Choose(Knowledge known, Func<Roster> makeNew) => known.Vote?.Roster ?? makeNew();

    /// <summary>Whether somebody has promised more than the ballot of this rank: it may be too late to count votes for it.</summary>
    protected virtual bool IsOvertaken(Ballot mine, Ballot highest) => highest > mine;

    /// <summary>Whether votes are enough: all whose vote can be expected, or, when that takes too long, a quorum.</summary>
    protected virtual bool MayDecide(bool isQuorum, bool haveAll, bool isLate) => isQuorum && (haveAll || isLate);

    /// <summary>Whether what another rank told goes to the coordinator last.</summary>
    protected virtual bool CoordinatorLast => true;

    private void Coordinate(TimeSpan now)
    {
        if (_isCollecting)
        {
            bool isLate = now >= _collectUntil;
            if ((HaveAll(_promisers) || (isLate && !_needsAll)) && (!_needsAll || Array.TrueForAll(_promisers, has => has)) && _rule.IsQuorum(Known, _promisers))
            {
                Propose(now);
            }
            else if (!isLate)
            {
                NextTick = _collectUntil;
            }
        }

        if (!_isCollecting && Outcome is null)
        {
            bool isLate = now >= _stepsUntil;
            if (MayDecide(_rule.IsQuorum(Known, _voters), HaveAll(_voters), isLate))
            {
                TakeOver(_proposed!);
            }
            else if (!isLate)
            {
                NextTick = _stepsUntil;
            }
        }
    }

    private void Prepare(TimeSpan now)
    {
        int attempt = 1 + Math.Max(_promised.Attempt, Math.Max(Known.HighestPromise.Attempt, _prepared.Attempt));
        _mine = new Ballot(attempt, _rank);
        _isCollecting = true;
        Array.Clear(_promisers);
        _takeOvers++;
        _takeOverAt = TimeSpan.MaxValue;
        Broadcast(new AgreementMessage(AgreementKind.Prepare, _mine), last: -1);
        Promise(_mine);
        _promisers[_rank] = true; // after everybody was told
        Coordinate(now);
    }

    private void Propose(TimeSpan now)
    {
        Roster roster = Choose(Known, NewRoster);
        _isCollecting = false;
        _proposed = roster;
        Array.Clear(_voters);
        _stepsUntil = now + (4 * _step);
        var accept = new AgreementMessage(AgreementKind.Accept, _mine, roster);
        Broadcast(accept, last: -1);
        VoteFor(accept);
        _voters[_rank] = true;
    }

    private Roster NewRoster()
    {
        int[] members = [.. Enumerable.Range(0, _worldSize).Where(rank => _promisers[rank] && !Known.IsDead(rank) && (_needsAll || !_suspected[rank]))];
        return new Roster(_epoch, _nextScope(), members, [.. members.Select(Known.CompletedBy)], _newcomers);
    }

    private void Promise(Ballot ballot)
    {
        if (ballot.Coordinator != _rank)
        {
            _mine = Ballot.None;
        }

        _promised = ballot;
        Known.Promised(_rank, ballot, _completed);
        var promise = new AgreementMessage(AgreementKind.Promise, ballot, Completed: _completed);
        Broadcast(promise, ballot.Coordinator, promise with { Known = Known.Copy() });
    }

    private void VoteFor(AgreementMessage accept)
    {
        Known.Voted(accept.Ballot, accept.Roster!);
        Broadcast(accept with { Kind = AgreementKind.Vote }, accept.Ballot.Coordinator);
    }

    private void TakeOver(Roster roster)
    {
        Outcome = roster;
        NextTick = TimeSpan.MaxValue;
        Broadcast(new AgreementMessage(AgreementKind.Decision, Ballot.None, roster), last: -1); // also by those that were told: whoever told them may be dead
    }

    // Everybody that is neither dead nor thought so is among these.
    private bool HaveAll(bool[] these)
    {
        for (int rank = 0; rank < _worldSize; rank++)
        {
            if (!these[rank] && !Known.IsDead(rank) && !_suspected[rank])
            {
                return false;
            }
        }

        return true;
    }

    // Whom this rank waits for is the coordinator of the highest ballot; without one, or when that one is gone, the ranks follow each other in their order.
    private void ScheduleTakeOver(TimeSpan now)
    {
        if (!_mine.IsNone && Known.HighestPromise <= _mine)
        {
            return;
        }

        int leader = (Known.HighestPromise > _prepared ? Known.HighestPromise : _prepared).Coordinator;
        bool isAlive = leader >= 0 && leader != _rank && !Known.IsDead(leader) && !_suspected[leader];
        int place = Enumerable.Range(0, _rank).Count(rank => !Known.IsDead(rank) && !_suspected[rank]);
        TimeSpan turn = _step * (place * Math.Min(1 + _takeOvers, 8));
        _takeOverAt = isAlive ? (_collectUntil > now ? _collectUntil : now) + (_step * 6) + turn : now + turn;
    }

    private void Broadcast(AgreementMessage message, int last, AgreementMessage? toLast = null)
    {
        bool isOrdered = CoordinatorLast;
        if (!isOrdered && last >= 0 && last != _rank)
        {
            Send(last, toLast ?? message);
        }

        for (int rank = 0; rank < _worldSize; rank++)
        {
            if (rank != _rank && rank != last)
            {
                Send(rank, message);
            }
        }

        if (isOrdered && last >= 0 && last != _rank)
        {
            Send(last, toLast ?? message);
        }
    }

    private void Send(int to, AgreementMessage message)
    {
        if (!Known.IsDead(to))
        {
            _outbox.Enqueue((to, message));
        }
    }
}
