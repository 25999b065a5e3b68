using System.Diagnostics;
using System.Globalization;

namespace RdmaCollectives.Testing;

/// <summary>What one process held at one time.</summary>
public sealed record SoakSample(double Minutes, int Rank, long ResidentKilobytes, long ManagedBytes, int Threads, int Descriptors, int Mappings, string Kinds);

/// <summary>One group of ranks under random calls for a long time, looked at in between.</summary>
/// <param name="ranks">How many.</param>
/// <param name="transport">What RDMACC_TRANSPORTS says.</param>
/// <param name="seed">Of the calls.</param>
/// <param name="dumps">Where ranks leave dumps of their flight recorders when something goes wrong, or null.</param>
public sealed class SoakRun(int ranks, string transport, int seed, string? dumps = null)
{
    private const int CallsOfPhase = 150;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    public List<SoakSample> Samples { get; } = [];

    public long Calls { get; private set; }

    public List<string> Complaints { get; } = [];

    /// <summary>Runs for the time, with a sample at each interval.</summary>
    public void Run(TimeSpan time, TimeSpan interval, Action<string>? say = null)
    {
        var random = new Random(seed);
        using WorkerGroup group = WorkerGroup.Start(transport, ranks, Environment);
        var clock = Stopwatch.StartNew();
        TimeSpan next = TimeSpan.Zero;
        while (clock.Elapsed < time && Complaints.Count == 0)
        {
            string command = string.Create(CultureInfo.InvariantCulture, $"soak {random.Next()} {CallsOfPhase}");
            Complaints.AddRange(group.Tell(command, Deadline).Index().Where(answer => !answer.Item.StartsWith("ok", StringComparison.Ordinal)).Select(answer => $"rank {answer.Index} in '{command}': {answer.Item}"));
            Calls += CallsOfPhase;
            if (clock.Elapsed >= next)
            {
                next += interval;
                Take(group, clock.Elapsed, say);
            }
        }

        Take(group, clock.Elapsed, say);
    }

    /// <summary>
    /// What grew. Threads of the pool come and go, and memory is given back late, so the later half of the samples (after the warm-up, the first third) is compared with the earlier one: by more than the given
    /// share, or by so many, is growth.
    /// </summary>
    public IEnumerable<string> Growth()
    {
        for (int rank = 0; rank < ranks; rank++)
        {
            SoakSample[] own = [.. Samples.Where(sample => sample.Rank == rank)];
            SoakSample[] warm = own[(own.Length / 3)..];
            if (warm.Length < 4)
            {
                continue;
            }

            foreach ((string name, Func<SoakSample, double> value, double share, double slack) in s_measures)
            {
                double before = Median(warm[..(warm.Length / 2)], value);
                double after = Median(warm[(warm.Length / 2)..], value);
                if (after > (before * (1 + share)) + slack)
                {
                    yield return string.Create(CultureInfo.InvariantCulture, $"rank {rank}: {name} grew from {before:0} to {after:0}");
                }
            }
        }
    }

    private static readonly (string Name, Func<SoakSample, double> Value, double Share, double Slack)[] s_measures =
    [
        ("resident kilobytes", static sample => sample.ResidentKilobytes, 0.05, 4096),
        ("managed bytes", static sample => sample.ManagedBytes, 0.05, 256 * 1024),
        ("threads", static sample => sample.Threads, 0, 2),
        ("descriptors", static sample => sample.Descriptors, 0, 2),
        ("mappings", static sample => sample.Mappings, 0.02, 20),
    ];

    private IEnumerable<(string Name, string Value)> Environment(int rank)
    {
        if (transport.Contains(',', StringComparison.Ordinal))
        {
            yield return ("RDMACC_HOST_ID", $"host-{rank / 2}");
        }

        if (dumps is not null)
        {
            yield return ("RDMACC_DUMP_DIRECTORY", dumps);
        }
    }

    private static double Median(SoakSample[] samples, Func<SoakSample, double> value)
    {
        double[] sorted = [.. samples.Select(value).Order()];
        return sorted[sorted.Length / 2];
    }

    private void Take(WorkerGroup group, TimeSpan at, Action<string>? say)
    {
        if (Complaints.Count > 0)
        {
            return;
        }

        string[] answers = group.Tell("sample", Deadline);
        for (int rank = 0; rank < ranks; rank++)
        {
            string[] words = answers[rank].Split(' ');
            long[] numbers = [.. words[1..^1].Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
            Samples.Add(new SoakSample(at.TotalMinutes, rank, numbers[0], numbers[1], (int)numbers[2], (int)numbers[3], (int)numbers[4], words[^1]));
        }

        say?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{at.TotalMinutes,6:0.0} min, {Calls} calls, rank 0: {answers[0][3..]}"));
    }
}
