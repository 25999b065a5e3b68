using System.Globalization;

namespace RdmaCollectives.Testing;

/// <summary>What many rounds over one transport came to.</summary>
public sealed class ChaosReport(string transport, TimeSpan bound)
{
    private readonly List<TimeSpan> _latencies = [];

    public string Transport => transport;

    /// <summary>The most that a survivor may take from the death to the exception.</summary>
    public TimeSpan Bound => bound;

    public int Rounds { get; private set; }

    public int Kills { get; private set; }

    public int Hangs { get; private set; }

    /// <summary>Rounds whose survivors went on, by Shrink and exact sums.</summary>
    public int Shrinks { get; private set; }

    public long Calls { get; private set; }

    public int Late { get; private set; }

    public List<string> Complaints { get; } = [];

    public bool IsFine => Complaints.Count == 0 && Late == 0 && Hangs == 0;

    public void Add(ChaosRound round)
    {
        Rounds++;
        Kills += round.Event is ChaosEvent.Kill or ChaosEvent.PauseThenKill ? 1 : 0;
        Hangs += round.Hangs;
        Shrinks += round.HasGoneOn ? 1 : 0;
        Calls += round.Calls;
        Complaints.AddRange(round.Complaints.Select(complaint => $"{transport}, round {round.Number}, seed {round.Seed}: {complaint}"));
        foreach (TimeSpan latency in round.Latencies)
        {
            _latencies.Add(latency);
            if (latency > bound)
            {
                Late++;
                Complaints.Add($"{transport}, round {round.Number}, seed {round.Seed}: a survivor took {latency.TotalMilliseconds:0} ms");
            }
        }
    }

    /// <summary>Milliseconds from the death to the exception that a share of the survivors stayed within.</summary>
    public double Milliseconds(double share)
    {
        TimeSpan[] sorted = [.. _latencies.Order()];
        return sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(share * sorted.Length) - 1)].TotalMilliseconds;
    }

    /// <summary>How many survivors took up to so many milliseconds: 1, 2, 5, 10, ... 2000, and more.</summary>
    public IReadOnlyList<(int UpTo, int Count)> Histogram()
    {
        int[] edges = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, int.MaxValue];
        int below = 0;
        var counts = new List<(int, int)>();
        foreach (int edge in edges)
        {
            int upTo = _latencies.Count(latency => latency.TotalMilliseconds <= edge);
            counts.Add((edge, upTo - below));
            below = upTo;
        }

        return counts;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{transport}: {Rounds} rounds, {Kills} kills, {Calls} calls before, {Hangs} hangs, {Shrinks} went on, {Late} late, {Complaints.Count} complaints; {_latencies.Count} survivors, ms to the fault: median {Milliseconds(0.5):0.0}, p99 {Milliseconds(0.99):0.0}, most {Milliseconds(1):0.0}");
}
