using RdmaCollectives.Membership;

namespace RdmaCollectives.Tests.Membership;

/// <summary>One rank of a <see cref="MembershipWorld"/>: an agreement for each communicator that it has been a member of, the newest one called.</summary>
internal sealed class SimulatedRank
{
    private readonly MembershipWorld _world;
    private readonly int _rank;
    private readonly Dictionary<ulong, Level> _levels = [];
    private readonly List<(ulong Scope, int From, AgreementMessage Message)> _early = [];
    private readonly HashSet<int> _dead = [];
    private Level _current;
    private TimeSpan _pausedUntil;
    private int _sendsLeft = int.MaxValue;

    public SimulatedRank(MembershipWorld world, int rank)
    {
        _world = world;
        _rank = rank;
        _current = Open(scope: 0, epoch: 1, [.. Enumerable.Range(0, world.Count)]);
    }

    public bool IsDead { get; private set; }

    public bool HasCalled { get; private set; }

    public bool IsExcluded { get; private set; }

    public bool HasGivenUp { get; private set; }

    private bool IsInside => _current.IsCalled && _current.Agreement.Outcome is null;

    private bool IsPaused => _world.Now < _pausedUntil;

    public void Call()
    {
        if (IsPaused)
        {
            _world.At(_pausedUntil, Call);
            return;
        }

        if (!IsDead && !HasCalled)
        {
            HasCalled = true;
            Begin();
        }
    }

    public void Die()
    {
        if (!IsDead)
        {
            IsDead = true;
            _world.Died(_rank);
        }
    }

    public void DieAfter(int sends) => _sendsLeft = sends;

    public void PauseUntil(TimeSpan when) => _pausedUntil = when > _pausedUntil ? when : _pausedUntil;

    public void HearOfDeath(int rank) => Do(() =>
    {
        _dead.Add(rank);
        foreach (Level level in _levels.Values.ToArray())
        {
            int member = Array.IndexOf(level.Members, rank);
            if (member >= 0)
            {
                Act(level, agreement => agreement.Died(_world.Now, member));
            }
        }
    });

    public void HearOfSuspicion(int rank, bool isSuspected) => Do(() =>
    {
        if (isSuspected && _world.Bugs.HasFlag(MembershipBugs.SuspicionIsProof))
        {
            HearOfDeath(rank);
            return;
        }

        foreach (Level level in _levels.Values.ToArray())
        {
            int member = Array.IndexOf(level.Members, rank);
            if (member >= 0)
            {
                Act(level, agreement => agreement.Suspect(_world.Now, member, isSuspected));
            }
        }
    });

    /// <summary>Whether this rank knows what became of a communicator that it is a member of.</summary>
    public bool Knows(ulong scope) => _levels.TryGetValue(scope, out Level? level) && level.Agreement.Outcome is not null;

    public void CheckEnd()
    {
        foreach (Level level in IsDead ? [] : _levels.Values.Where(level => level.Agreement.Outcome is null))
        {
            if (Array.Find(level.Members, other => !_world.Ranks[other].IsDead && _world.Ranks[other].Knows(level.Scope) && !_world.IsLost(other, _rank)) is var teller && _world.Ranks[teller].Knows(level.Scope) && !_world.Ranks[teller].IsDead && !_world.IsLost(teller, _rank))
            {
                throw new BrokenInvariantException($"rank {_rank} is not told of the successor of {level.Scope}, which rank {teller} knows");
            }
        }

        if (IsDead || !HasCalled)
        {
            return;
        }

        if (_world.Plan.MustEndWell && (HasGivenUp || IsExcluded || IsInside))
        {
            throw new BrokenInvariantException($"rank {_rank} {(HasGivenUp ? "found no quorum" : IsExcluded ? "was left out" : "has not returned")}, though nobody was cut off");
        }

        if (_world.Plan.Majority.Contains(_rank) && _levels.Count == 1 && _current.Agreement.Outcome is null)
        {
            throw new BrokenInvariantException($"rank {_rank} found no quorum among a majority");
        }

        if (IsInside && !HasGivenUp)
        {
            throw new BrokenInvariantException($"rank {_rank} hangs");
        }
    }

    private void Receive(ulong scope, int from, AgreementMessage message) => Do(() =>
    {
        if (_world.Bugs.HasFlag(MembershipBugs.NoEpochCheck) && !_levels.ContainsKey(scope) | scope != _current.Scope && Array.IndexOf(_current.Members, from) >= 0)
        {
            scope = _current.Scope;
        }

        if (!_levels.TryGetValue(scope, out Level? level))
        {
            _early.Add((scope, from, message));
            return;
        }

        Act(level, agreement => agreement.Receive(_world.Now, Array.IndexOf(level.Members, from), message));
    });

    private void Tick(Level level) => Do(() =>
    {
        level.TickAt = TimeSpan.MaxValue;
        if (level.GiveUpAt <= _world.Now && level.Agreement.Outcome is null)
        {
            level.Agreement.GiveUp();
            HasGivenUp = true;
            return;
        }

        Act(level, agreement => agreement.Tick(_world.Now));
    });

    // What happens to a rank that stands still happens when it goes on, in the same order.
    private void Do(Action what)
    {
        if (IsDead)
        {
            return;
        }

        if (IsPaused)
        {
            _world.At(_pausedUntil, () => Do(what));
            return;
        }

        what();
    }

    private Level Open(ulong scope, int epoch, int[] members)
    {
        int rank = Array.IndexOf(members, _rank);
        var level = new Level(scope, epoch + 1, members, new BuggyAgreement(rank, members.Length, epoch + 1, _world.NextScope, MembershipWorld.Step, _world.Bugs));
        _levels.Add(scope, level);
        for (int member = 0; member < members.Length; member++)
        {
            if (_dead.Contains(members[member]))
            {
                Act(level, agreement => agreement.Died(_world.Now, member));
            }

            level.Agreement.Suspect(_world.Now, member, members[member] != _rank && _world.IsSuspected(_rank, members[member]));
        }

        foreach ((ulong _, int from, AgreementMessage message) in _early.Where(early => early.Scope == scope).ToArray())
        {
            Act(level, agreement => agreement.Receive(_world.Now, Array.IndexOf(members, from), message));
        }

        return level;
    }

    private void Begin()
    {
        Level level = _current;
        level.GiveUpAt = _world.Now + MembershipWorld.GiveUpAfter;
        _world.At(level.GiveUpAt, () => Tick(level));
        _world.Trace($"{_rank} calls in scope {level.Scope}");
        level.IsCalled = true;
        Act(level, agreement => agreement.Call(_world.Now, MembershipWorld.CollectFor, completed: (ulong)_rank));
    }

    private void Act(Level level, Action<Agreement> what)
    {
        if (IsDead)
        {
            return;
        }

        what(level.Agreement);
        while (level.Agreement.TryTakeMessage(out int to, out AgreementMessage message))
        {
            Send(level, to, message);
            if (IsDead)
            {
                return;
            }
        }

        Return(level);
        if (level.Agreement.NextTick < level.TickAt)
        {
            level.TickAt = level.Agreement.NextTick > _world.Now ? level.Agreement.NextTick : _world.Now;
            _world.At(level.TickAt, () => Tick(level));
        }
    }

    private void Send(Level level, int member, AgreementMessage message)
    {
        if (_sendsLeft-- == 0)
        {
            Die();
            return;
        }

        if (_world.Bugs.HasFlag(MembershipBugs.ExcludedNotTold) && message.Roster is { } roster && message.Kind >= AgreementKind.Decision && !roster.Contains(member))
        {
            return;
        }

        if (_world.Bugs.HasFlag(MembershipBugs.PromisesNotRelayed) && message.Known is { } known)
        {
            message = message with { Known = OnlyDeaths(known) };
        }

        int to = level.Members[member];
        ulong scope = level.Scope;
        _world.Deliver(_rank, to, () =>
        {
            _world.Trace($"{_rank} -> {to} in {scope}: {message.Kind} {message.Ballot.Attempt}.{message.Ballot.Coordinator} {(message.Roster is null ? "" : string.Join(' ', message.Roster.Members))}");
            _world.Ranks[to].Receive(scope, _rank, message);
        });
    }

    private static Knowledge OnlyDeaths(Knowledge known)
    {
        var deaths = new Knowledge(known.WorldSize);
        foreach (int rank in Enumerable.Range(0, known.WorldSize).Where(known.IsDead))
        {
            deaths.Died(rank);
        }

        return deaths;
    }

    private void Return(Level level)
    {
        if (level.HasReturned || level.Agreement.Outcome is not { } roster)
        {
            return;
        }

        level.HasReturned = true;
        _world.Returned(_rank, level.Scope, level.Epoch, roster);
        int self = Array.IndexOf(level.Members, _rank);
        if (!roster.Contains(self))
        {
            IsExcluded = true;
            return;
        }

        if (!level.IsCalled)
        {
            return; // its program has given up
        }

        _current = Open(roster.Scope, roster.Epoch, [.. roster.Members.Select(member => level.Members[member])]);
        Connect(_current, looks: 4);
    }

    // A communicator of which a member is dead cannot be connected, or is at fault: its ranks agree again.
    private void Connect(Level level, int looks) => _world.At(_world.Now + (MembershipWorld.Step * 5), () => Do(() =>
    {
        if (level.IsCalled || level != _current)
        {
            return;
        }

        if (Array.Exists(level.Members, _dead.Contains))
        {
            Begin();
        }
        else if (looks > 0)
        {
            Connect(level, looks - 1);
        }
    }));

    private sealed class Level(ulong scope, int epoch, int[] members, Agreement agreement)
    {
        public ulong Scope => scope;

        /// <summary>The epoch of the successor.</summary>
        public int Epoch => epoch;

        public int[] Members => members;

        public Agreement Agreement => agreement;

        public TimeSpan TickAt { get; set; } = TimeSpan.MaxValue;

        public TimeSpan GiveUpAt { get; set; } = TimeSpan.MaxValue;

        public bool IsCalled { get; set; }

        public bool HasReturned { get; set; }
    }
}
