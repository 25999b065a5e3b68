namespace RdmaCollectives.Tests.Membership;

/// <summary>What goes wrong in one run, and whether the run has to end well for all who live.</summary>
internal sealed class MembershipPlan
{
    private readonly List<(string Words, Action<MembershipWorld> Schedule)> _parts = [];
    private readonly Random _random;
    private readonly int _count;

    private MembershipPlan(Random random, int count)
    {
        _random = random;
        _count = count;
    }

    /// <summary>Every rank that lives to the end has to return, and as a member.</summary>
    public bool MustEndWell { get; private set; }

    /// <summary>These are more than half, and nothing happens to them: none of them may end without a quorum.</summary>
    public HashSet<int> Majority { get; } = [];

    public static MembershipPlan Of(Random random, int count)
    {
        var plan = new MembershipPlan(random, count);
        switch (random.Next(8))
        {
            case 0: // deaths alone
                plan.MustEndWell = true;
                plan.Call(lateness: 400, never: 0);
                plan.Deaths(random.Next(0, count), after: 8 * count);
                break;
            case 1: // two sides for ever
                plan.Call(lateness: 200, never: 0);
                plan.TwoSides();
                break;
            case 2 or 3: // in the middle of the rounds: some links are cut, some ranks die with half of their messages sent
                plan.Call(lateness: 60, never: 0);
                plan.Deaths(random.Next(1, count), after: 4 * count);
                plan.Cuts(random.Next(1, count), within: 150);
                break;
            case 4 or 5: // one hears of the others' deaths only from another one
                plan.Call(lateness: 60, never: 0);
                plan.Hearsay();
                break;
            default:
                plan.Call(lateness: random.Next(2) == 0 ? 200 : 4000, never: random.Next(4) == 0 ? 0.3 : 0);
                plan.Deaths(random.Next(0, count), after: 8 * count);
                plan.Cuts(random.Next(0, 6), within: 600);
                plan.Suspicions(random.Next(0, 4));
                plan.Pauses(random.Next(0, 3));
                break;
        }

        return plan;
    }

    public void Schedule(MembershipWorld world) => _parts.ForEach(part => part.Schedule(world));

    public override string ToString() => string.Join(", ", _parts.Select(part => part.Words));

    private void Call(int lateness, double never)
    {
        for (int rank = 0; rank < _count; rank++)
        {
            int who = rank;
            if (_random.NextDouble() < never)
            {
                Add($"{who} never calls", _ => { });
                continue;
            }

            TimeSpan when = Time(lateness);
            Add($"{who} calls at {when.TotalMilliseconds:0}", world => world.At(when, () => world.Ranks[who].Call()));
        }
    }

    // At a time, or right after one of its messages: with small numbers in the middle of the first rounds.
    private void Deaths(int deaths, int after)
    {
        foreach (int rank in _random.GetItems(Enumerable.Range(0, _count).ToArray(), deaths).Distinct())
        {
            int who = rank;
            if (_random.Next(3) == 0)
            {
                TimeSpan when = Time(1500);
                Add($"{who} dies at {when.TotalMilliseconds:0}", world => world.At(when, () => world.Ranks[who].Die()));
            }
            else
            {
                int sends = _random.Next(0, after);
                Add($"{who} dies after {sends} messages", world => world.Ranks[who].DieAfter(sends));
            }
        }
    }

    private void Cuts(int cuts, int within)
    {
        for (int cut = 0; cut < cuts; cut++)
        {
            (int one, int other) = Pair();
            TimeSpan from = Time(within);
            TimeSpan until = _random.Next(2) == 0 ? TimeSpan.MaxValue : from + Time(6000);
            Add($"{one} and {other} are cut from {from.TotalMilliseconds:0} until {(until == TimeSpan.MaxValue ? "the end" : until.TotalMilliseconds.ToString("0", null))}", world => world.At(from, () => world.Cut(one, other, until)));
        }
    }

    private void TwoSides()
    {
        TimeSpan from = Time(500);
        int size = _random.Next(1, _count);
        HashSet<int> side = [.. Enumerable.Range(0, _count).OrderBy(_ => _random.Next()).Take(size)];
        HashSet<int> others = [.. Enumerable.Range(0, _count).Except(side)];
        Majority.UnionWith(2 * side.Count > _count ? side : 2 * others.Count > _count ? others : []);
        Add($"[{string.Join(' ', side)}] are cut off from {from.TotalMilliseconds:0}", world => world.At(from, () =>
        {
            foreach (int one in side)
            {
                foreach (int other in others)
                {
                    world.Cut(one, other, TimeSpan.MaxValue);
                }
            }
        }));
        if (_random.Next(2) == 0)
        {
            HashSet<int> mortal = Majority.Count > 0 ? [.. Enumerable.Range(0, _count).Except(Majority)] : [.. Enumerable.Range(0, _count)];
            foreach (int rank in mortal.Where(_ => _random.Next(3) == 0))
            {
                int who = rank;
                int sends = _random.Next(0, 8 * _count);
                Add($"{who} dies after {sends} messages", world => world.Ranks[who].DieAfter(sends));
            }
        }
    }

    // Two are cut off from one that may decide; the rest die about when they have voted, and one of the two has lost its links to them before.
    private void Hearsay()
    {
        (int one, int other) = Pair();
        int far = _random.Next(2) == 0 ? 0 : _random.Next(_count);
        foreach (int rank in Enumerable.Range(0, _count).Where(rank => rank != one && rank != other))
        {
            int who = rank;
            TimeSpan from = Time(200);
            Add($"{one} loses {who} at {from.TotalMilliseconds:0}", world => world.At(from, () => world.Cut(one, who, TimeSpan.MaxValue)));
            if (who == far)
            {
                Add($"{other} loses {who} at {from.TotalMilliseconds:0}", world => world.At(from, () => world.Cut(other, who, TimeSpan.MaxValue)));
            }
            else if (_random.Next(5) > 0)
            {
                int sends = (2 * (_count - 1)) + _random.Next(-1, 2);
                Add($"{who} dies after {sends} messages", world => world.Ranks[who].DieAfter(sends));
            }
        }
    }

    private void Suspicions(int suspicions)
    {
        for (int suspicion = 0; suspicion < suspicions; suspicion++)
        {
            (int one, int other) = Pair();
            TimeSpan from = Time(600);
            TimeSpan until = _random.Next(2) == 0 ? TimeSpan.MaxValue : from + Time(3000);
            Add($"{one} and {other} suspect each other from {from.TotalMilliseconds:0}", world => world.SuspectBoth(one, other, from, until));
        }
    }

    private void Pauses(int pauses)
    {
        for (int pause = 0; pause < pauses; pause++)
        {
            int who = _random.Next(_count);
            TimeSpan from = Time(600);
            TimeSpan until = from + Time(8000);
            Add($"{who} stands still from {from.TotalMilliseconds:0} to {until.TotalMilliseconds:0}", world => world.At(from, () => world.Ranks[who].PauseUntil(until)));
        }
    }

    private void Add(string words, Action<MembershipWorld> schedule) => _parts.Add((words, schedule));

    private TimeSpan Time(int longest) => TimeSpan.FromMilliseconds(_random.Next(longest));

    private (int One, int Other) Pair()
    {
        int one = _random.Next(_count);
        int other = (one + 1 + _random.Next(_count - 1)) % _count;
        return (one, other);
    }
}
