using RdmaCollectives.Tool.Doctor.Facts;
using RdmaCollectives.Tool.Inspect;

namespace RdmaCollectives.Tool.Doctor.Comparisons;

/// <summary>The wall clocks of the hosts. The flight recorder does not mind them: it brings the ranks' monotonic clocks together itself.</summary>
internal sealed class ClockSkewComparison : IComparison
{
    /// <summary>Certificates and logs are read by clocks that may be wrong by this much.</summary>
    private const double MostSeconds = 1;

    public string Name => "clock-skew";

    public string Summary => "the wall clocks of the hosts";

    public IEnumerable<Finding> Compare(IReadOnlyList<ComparedRank> ranks)
    {
        ClockFacts[] known = [.. ranks.DistinctBy(rank => rank.Machine, StringComparer.Ordinal).Select(rank => rank.Facts.Clock).Where(clock => clock.AheadSeconds is not null).OrderBy(clock => clock.AheadSeconds)];
        if (known.Length < 2)
        {
            return [Finding.Ok("There is one clock, or no other was compared with it.", "the first rank of each machine")];
        }

        double uncertainty = known.Max(clock => clock.UncertaintySeconds ?? 0);
        double most = known[^1].AheadSeconds!.Value - known[0].AheadSeconds!.Value;
        string within = $"UTC against that of rank 0's host over several round trips, within {Time(uncertainty)}";
        if (most - Error(known[0]) - Error(known[^1]) <= MostSeconds)
        {
            return [Finding.Ok($"The clocks of {Words.Number(known.Length)} hosts differ by at most {Time(most)}.", within)];
        }

        double[] ahead = [.. known.Select(clock => clock.AheadSeconds!.Value)];
        double usual = ahead[(ahead.Length - 1) / 2];
        var groups = Grouped.By<double>(ranks, rank => rank.Facts.Clock.AheadSeconds is { } seconds ? GroupOf(ahead, seconds) : null);
        return
        [
            Finding.Warning(
                $"The clocks of hosts differ by {Time(most)}: certificates may not be valid yet or any more, and logs can't be laid side by side.",
                $"{groups.Describe(Against)} ({within})",
                "Synchronise the clocks: systemctl enable --now chronyd (or systemd-timesyncd), on all hosts.") with
            { Ranks = groups.Ranks(seconds => Math.Abs(seconds - GroupOf(ahead, usual)) > 0) },
        ];
    }

    private static double Error(ClockFacts clock) => clock.UncertaintySeconds ?? 0;

    /// <summary>Clocks that follow each other by less than a second are named together, by the one that is nearest to rank 0's.</summary>
    private static double GroupOf(double[] sorted, double seconds)
    {
        int first = Array.IndexOf(sorted, seconds), last = first;
        while (first > 0 && sorted[first] - sorted[first - 1] <= MostSeconds)
        {
            first--;
        }

        while (last < sorted.Length - 1 && sorted[last + 1] - sorted[last] <= MostSeconds)
        {
            last++;
        }

        return sorted[first..(last + 1)].MinBy(Math.Abs);
    }

    private static string Against(double ahead) => ahead == 0 ? "as rank 0's" : $"{Time(Math.Abs(ahead))} {(ahead > 0 ? "ahead" : "behind")}";

    private static string Time(double seconds) => Words.Time((long)(seconds * 1e9));
}
