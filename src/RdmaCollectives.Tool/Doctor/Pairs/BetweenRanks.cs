using System.Globalization;
using RdmaCollectives.Tool.Inspect;

namespace RdmaCollectives.Tool.Doctor.Pairs;

/// <summary>What shows only between ranks: transports that were not to be expected, and ranks that share processors.</summary>
internal static class BetweenRanks
{
    /// <param name="facts">Of all ranks, in their order.</param>
    /// <param name="allowed">What RDMACC_TRANSPORTS or --transport lets the ranks use.</param>
    public static IEnumerable<Finding> Judge(IReadOnlyList<RankFacts> facts, string allowed) => [.. Transports(facts, allowed), .. Processors(facts)];

    private static IEnumerable<Finding> Transports(IReadOnlyList<RankFacts> facts, string allowed)
    {
        (int Low, int High, string Transport)[] pairs = [.. Enumerable.Range(0, facts.Count).SelectMany(low => Enumerable.Range(low + 1, facts.Count - low - 1), (low, high) => (low, high, facts[low].Transports[high]))];
        if (pairs.Length == 0)
        {
            yield break;
        }

        bool Allows(string transport) => allowed == "auto" || allowed.Split(',').Contains(transport, StringComparer.Ordinal);
        (int Low, int High, string Transport)[] unshared = [.. pairs.Where(pair => Allows("shm") && pair.Transport != "shm" && facts[pair.Low].Machine == facts[pair.High].Machine)];
        if (unshared.Length > 0)
        {
            yield return Finding.Warning(
                $"Ranks of one host that share no memory, {Name(unshared)}: they talk over {unshared[0].Transport}.",
                $"Communicator.Transports: {unshared[0].Transport}",
                "Run them as one user and in one PID namespace (--pid=host, shareProcessNamespace: true); rdmacc doctor --verbose says what was tried.") with
            { Check = "transports", Ranks = Ranks(unshared) };
        }

        (int Low, int High, string Transport)[] slow = [.. pairs.Where(pair => Allows("verbs") && pair.Transport == "tcp" && facts[pair.Low].HasActiveRdma && facts[pair.High].HasActiveRdma && facts[pair.Low].Machine != facts[pair.High].Machine)];
        if (slow.Length > 0)
        {
            yield return Finding.Warning(
                $"Hosts with active RDMA ports that talk over TCP: {Name(slow)}.",
                "Communicator.Transports: tcp",
                "Give both ports GIDs of one type and family (rdmacc devices; RDMACC_GID_INDEX), and look at rdma-devices and locked-memory above; RDMACC_TRANSPORTS=verbs,shm says why it can't be.") with
            { Check = "transports", Ranks = Ranks(slow) };
        }

        if (unshared.Length + slow.Length == 0)
        {
            string kinds = string.Join(", ", pairs.GroupBy(pair => pair.Transport, StringComparer.Ordinal).Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Count()} over {kind.Key}")));
            yield return Finding.Ok($"All pairs of ranks reach each other by the best that is there and allowed: {kinds}.", $"Communicator.Transports; RDMACC_TRANSPORTS: {allowed}") with { Check = "transports" };
        }
    }

    /// <summary>Machines with more ranks than a process of them may use processors.</summary>
    public static IEnumerable<int[]> Crowded(IReadOnlyList<RankFacts> facts) => facts.Select((fact, rank) => (fact, rank)).GroupBy(pair => pair.fact.Machine, StringComparer.Ordinal)
        .Where(machine => machine.Count() > machine.Max(pair => pair.fact.Processors)).Select(machine => machine.Select(pair => pair.rank).ToArray());

    private static IEnumerable<Finding> Processors(IReadOnlyList<RankFacts> facts)
    {
        foreach (int[] ranks in Crowded(facts))
        {
            int processors = ranks.Max(rank => facts[rank].Processors);
            yield return Finding.Note(
                string.Create(CultureInfo.InvariantCulture, $"{Capital(Words.Ranks(ranks))} share {processors} processor{(processors == 1 ? "" : "s")} of {facts[ranks[0]].Host}: waits sleep in place of spinning, and latency rises."),
                string.Create(CultureInfo.InvariantCulture, $"{ranks.Length} ranks, {processors} processors for each process"),
                "No more ranks on a host than processors, where latency counts.") with
            { Check = "processors", Ranks = ranks };
        }
    }

    private static string Name((int Low, int High, string Transport)[] pairs)
    {
        const int mostNamed = 8;
        string named = string.Join(", ", pairs.Take(mostNamed).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Low} and {pair.High}")));
        return pairs.Length <= mostNamed ? named : string.Create(CultureInfo.InvariantCulture, $"{named}, and {pairs.Length - mostNamed} more pairs");
    }

    private static int[] Ranks((int Low, int High, string Transport)[] pairs) => [.. pairs.SelectMany(pair => (int[])[pair.Low, pair.High]).Distinct().Order()];

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
