using System.Globalization;
using RdmaCollectives.Tool.Inspect;

namespace RdmaCollectives.Tool.Doctor.Pairs;

/// <summary>
/// A pair is slow where it carries less than half of what the median pair of its transport does, or takes more than twice as long. Of an even number of pairs the better middle one is taken: with one bad host
/// of four, half of all pairs are slow.
/// </summary>
internal static class SlowPairs
{
    /// <summary>Two pairs have no median.</summary>
    private const int LeastPairs = 3;

    private const double LeastShare = 0.5;
    private const double MostTimes = 2;

    public static IReadOnlyList<PairRow> Mark(IReadOnlyList<PairRow> pairs) =>
        [.. pairs.Select(pair => pair with { IsSlow = Medians(pairs, pair.Transport) is { } median && (pair.WorseGBps < LeastShare * median.GBps || pair.LatencyUs > MostTimes * median.LatencyUs) })];

    /// <summary>What is to be said of marked pairs: each slow one, or in place of several the rank that all of them have in common.</summary>
    /// <param name="pairs">All pairs, marked.</param>
    /// <param name="sharesProcessors">Ranks that have no processor for themselves: how long one waits for the other is then the scheduler's choice, and no warning.</param>
    public static IEnumerable<Finding> Judge(IReadOnlyList<PairRow> pairs, IReadOnlySet<int> sharesProcessors)
    {
        PairRow[] slow = [.. pairs.Where(pair => pair.IsSlow)];
        if (slow.Length == 0)
        {
            yield return Finding.Ok(Compared(pairs), Evidence(pairs));
            yield break;
        }

        foreach (PairRow pair in slow)
        {
            (double latency, double bandwidth, int count) = Medians(pairs, pair.Transport)!.Value;
            int[] common = [.. new[] { pair.Low, pair.High }.Where(rank => IsSlowToAll(pairs, rank))];
            string cause = common.Length == 1 ? $" All {pair.Transport} pairs of rank {Words.Number(common[0])} are slow: the cause is at its host." : "";
            bool isCrowded = sharesProcessors.Contains(pair.Low) && sharesProcessors.Contains(pair.High);
            yield return new Finding(
                isCrowded ? Severity.Note : Severity.Warning,
                $"Ranks {Words.Number(pair.Low)} and {Words.Number(pair.High)} are slow to each other over {pair.Transport}: {Time(pair.LatencyUs)} and {Rate(pair.WorseGBps)}, where the median of {Words.Number(count)} pairs is {Time(latency)} and {Rate(bandwidth)}.{cause}{(isCrowded ? " They share processors, which may be all." : "")}",
                string.Create(CultureInfo.InvariantCulture, $"8 B: {Time(pair.LatencyUs)}; 1 MiB: {Rate(pair.ForwardGBps)} from {pair.Low} to {pair.High}, {Rate(pair.BackwardGBps)} back"),
                Remedy(pair.Transport)) with
            { Ranks = [pair.Low, pair.High] };
        }
    }

    private static bool IsSlowToAll(IReadOnlyList<PairRow> pairs, int rank)
    {
        PairRow[] own = [.. pairs.Where(pair => pair.Low == rank || pair.High == rank)];
        PairRow[] judged = [.. own.Where(pair => Medians(pairs, pair.Transport) is not null)];
        return judged.Length >= 2 && judged.All(pair => pair.IsSlow);
    }

    private static (double LatencyUs, double GBps, int Count)? Medians(IReadOnlyList<PairRow> pairs, string transport)
    {
        PairRow[] kind = [.. pairs.Where(pair => pair.Transport == transport)];
        return kind.Length < LeastPairs ? null
            : (kind.Select(pair => pair.LatencyUs).Order().ElementAt((kind.Length - 1) / 2), kind.Select(pair => pair.WorseGBps).OrderDescending().ElementAt((kind.Length - 1) / 2), kind.Length);
    }

    private static string Compared(IReadOnlyList<PairRow> pairs)
    {
        string[] kinds = [.. pairs.Select(pair => pair.Transport).Distinct(StringComparer.Ordinal).Where(transport => Medians(pairs, transport) is not null)];
        return kinds.Length > 0 ? $"No pair is slow beside the others of its transport ({string.Join(", ", kinds)})." : "There are too few pairs of one transport to tell which is slow: it takes three ranks.";
    }

    private static string Evidence(IReadOnlyList<PairRow> pairs) =>
        string.Create(CultureInfo.InvariantCulture, $"{pairs.Count} pairs: 8 B in {Time(pairs.Min(pair => pair.LatencyUs))} to {Time(pairs.Max(pair => pair.LatencyUs))}, 1 MiB at {Rate(pairs.Min(pair => pair.WorseGBps))} to {Rate(pairs.Max(pair => pair.WorseGBps))}");

    private static string Remedy(string transport) => transport switch
    {
        "shm" => "See whether the two share a processor, or lie on different sockets (numactl --hardware; the launcher's binding).",
        "verbs" => "Look at the link and the route between their hosts: rdma statistic show (retries, sequence errors), ibqueryerrors or ethtool -S on both ports, MTU and PFC on the switches between; then 'rdmacc perf sendrecv' over these two alone.",
        _ => "Look at the link and the route between their hosts: ethtool INTERFACE (speed, duplex), ip -s link (errors, drops), tc qdisc show (shapers), nstat -az TcpRetransSegs; then 'rdmacc perf sendrecv' over these two alone.",
    };

    private static string Time(double microseconds) => Words.Time((long)(microseconds * 1e3));

    private static string Rate(double gigabytesPerSecond) => gigabytesPerSecond < 0.9995 ? $"{Size.Number(gigabytesPerSecond * 1e3)} MB/s" : $"{Size.Number(gigabytesPerSecond)} GB/s";
}
