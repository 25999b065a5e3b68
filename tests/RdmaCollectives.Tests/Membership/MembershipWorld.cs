using RdmaCollectives.Membership;

namespace RdmaCollectives.Tests.Membership;

/// <summary>
/// A job of 2 to 9 ranks that agree, and agree again, on a clock of its own. From one seed come the delays, who dies after which of its messages, who is suspected wrongly, which links stand still or are lost,
/// who is paused, who calls late or never. After every event the invariants of ADR 17 are looked at. Nothing here depends on anything but the seed.
/// </summary>
internal sealed class MembershipWorld
{
    public static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan CollectFor = TimeSpan.FromSeconds(3);
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(12);
    private const int MaxEvents = 200_000;

    private readonly Random _random;
    private readonly MembershipBugs _bugs;
    private readonly PriorityQueue<Action, (long Ticks, long Number)> _events = new();
    private readonly Dictionary<ulong, Roster> _successors = []; // by the scope of the communicator that it succeeds
    private readonly SimulatedRank[] _ranks;
    private readonly long[,] _lastDelivery;
    private readonly long[,] _blockedUntil;
    private readonly bool[,] _isSuspected;
    private readonly List<string>? _trace;
    private long _number;
    private ulong _scopes;

    public MembershipWorld(int seed, MembershipBugs bugs = MembershipBugs.None, List<string>? trace = null)
    {
        _random = new Random(seed);
        _bugs = bugs;
        _trace = trace;
        Count = _random.Next(2, 10);
        _ranks = new SimulatedRank[Count];
        _lastDelivery = new long[Count, Count];
        _blockedUntil = new long[Count, Count];
        _isSuspected = new bool[Count, Count];
        Plan = MembershipPlan.Of(_random, Count);
        for (int rank = 0; rank < Count; rank++)
        {
            _ranks[rank] = new SimulatedRank(this, rank);
        }
    }

    public int Count { get; }

    public MembershipPlan Plan { get; }

    public TimeSpan Now { get; private set; }

    public long Events { get; private set; }

    public int Successions => _successors.Count;

    public MembershipBugs Bugs => _bugs;

    public IReadOnlyList<SimulatedRank> Ranks => _ranks;

    public bool IsSuspected(int by, int whom) => _isSuspected[by, whom];

    public bool IsLost(int one, int other) => _blockedUntil[one, other] == long.MaxValue;

    public ulong NextScope() => ++_scopes;

    /// <summary>Runs to the end. The answer is what is wrong, or null.</summary>
    public string? Run()
    {
        Plan.Schedule(this);
        try
        {
            while (_events.TryDequeue(out Action? what, out (long Ticks, long Number) when))
            {
                Now = TimeSpan.FromTicks(when.Ticks);
                if (++Events > MaxEvents)
                {
                    throw new BrokenInvariantException("it does not end");
                }

                what();
            }

            Array.ForEach(_ranks, rank => rank.CheckEnd());
            return null;
        }
        catch (BrokenInvariantException broken)
        {
            return $"{broken.Message} at {Now.TotalMilliseconds:0.###} ms, event {Events}; {Count} ranks, {Plan}";
        }
    }

    public void At(TimeSpan when, Action what) => _events.Enqueue(what, (when.Ticks, _number++));

    public void Trace(string line) => _trace?.Add($"{Now.TotalMilliseconds,10:0.###} {line}");

    /// <summary>Puts something at the end of what is on its way between two ranks.</summary>
    public void Deliver(int from, int to, Action what)
    {
        long blocked = _blockedUntil[from, to];
        if (blocked == long.MaxValue)
        {
            return; // lost
        }

        long at = Math.Max(Math.Max(Now.Ticks + Delay(), blocked), _lastDelivery[from, to]);
        _lastDelivery[from, to] = at;
        At(TimeSpan.FromTicks(at), what);
    }

    public void Died(int rank)
    {
        Trace($"{rank} dies");
        for (int other = 0; other < Count; other++)
        {
            int to = other;
            if (to == rank)
            {
                continue;
            }

            if (_blockedUntil[rank, to] == long.MaxValue)
            {
                At(Now + Step, () => SetSuspected(to, rank, true));
            }
            else if (_bugs.HasFlag(MembershipBugs.DeathOvertakes))
            {
                At(Now, () => _ranks[to].HearOfDeath(rank));
            }
            else
            {
                Deliver(rank, to, () => _ranks[to].HearOfDeath(rank));
            }
        }
    }

    /// <summary>Nothing goes between two ranks for a time, or never again; both suspect each other after a while.</summary>
    public void Cut(int one, int other, TimeSpan until)
    {
        _blockedUntil[one, other] = _blockedUntil[other, one] = Math.Max(_blockedUntil[one, other], until == TimeSpan.MaxValue ? long.MaxValue : until.Ticks);
        Trace($"cut {one} {other} until {(until == TimeSpan.MaxValue ? "the end" : until.ToString())}");
        TimeSpan noticed = Now + (Step * _random.NextDouble() * 4);
        SuspectBoth(one, other, noticed, until);
    }

    public void SuspectBoth(int one, int other, TimeSpan from, TimeSpan until)
    {
        At(from, () => SetSuspected(one, other, true));
        At(from, () => SetSuspected(other, one, true));
        if (until != TimeSpan.MaxValue)
        {
            TimeSpan over = until > from ? until : from;
            At(over, () => SetSuspected(one, other, false));
            At(over, () => SetSuspected(other, one, false));
        }
    }

    public void SetSuspected(int by, int whom, bool isSuspected)
    {
        _isSuspected[by, whom] = isSuspected;
        _ranks[by].HearOfSuspicion(whom, isSuspected);
    }

    /// <summary>A rank goes on with a roster: the only one that ever succeeds that communicator.</summary>
    public void Returned(int rank, ulong scope, int epoch, Roster roster)
    {
        Trace($"{rank} returns from {scope}: epoch {roster.Epoch}, members {string.Join(' ', roster.Members)}, scope {roster.Scope}");
        if (roster.Epoch != epoch)
        {
            throw new BrokenInvariantException($"rank {rank} goes from epoch {epoch - 1} to {roster.Epoch}");
        }

        if (_successors.TryAdd(scope, roster))
        {
            return;
        }

        Roster first = _successors[scope];
        if (!first.IsSame(roster))
        {
            throw new BrokenInvariantException($"rank {rank} returns [{string.Join(' ', roster.Members)}] in scope {roster.Scope}, and another one has returned [{string.Join(' ', first.Members)}] in scope {first.Scope}");
        }
    }

    private long Delay()
    {
        double part = _random.NextDouble();
        double milliseconds = part < 0.7 ? 0.1 + part : part < 0.95 ? part * 20 : part * 150;
        return (long)(milliseconds * TimeSpan.TicksPerMillisecond);
    }
}

internal sealed class BrokenInvariantException(string message) : Exception(message);
