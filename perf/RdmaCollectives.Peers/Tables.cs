namespace RdmaCollectives.Peers;

/// <summary>Results as Markdown.</summary>
internal static class Tables
{
    /// <summary>A row a size, a column a collective: our ratios to the best peer, arrays above, Allocate below, then the roof where there is one.</summary>
    /// <param name="results">Of one transport and number of ranks.</param>
    public static IEnumerable<string> BySize(IReadOnlyList<Result> results)
    {
        yield return $"| size | {string.Join(" | ", results.Select(result => $"`{result.Case.Collective}`"))} |";
        yield return $"|---:|{string.Concat(Enumerable.Repeat("---:|", results.Count))}";
        foreach (long bytes in results.SelectMany(result => result.Comparison.Sizes).Distinct().Order())
        {
            yield return $"| {Text.Bytes(bytes)} | {string.Join(" | ", results.Select(result => Cell(result.Comparison, bytes)))} |";
        }

        yield return $"| geometric mean | {string.Join(" | ", results.Select(result => $"**{MeanOf([result], Contenders.Arrays)}**<br>{MeanOf([result], Contenders.Allocated)}"))} |";
    }

    /// <summary>A row a transport and number of ranks, a column a collective: geometric means over the sizes, of ordinary arrays, and over all collectives of both kinds of buffers.</summary>
    public static IEnumerable<string> Summary(IReadOnlyList<Result> results, double target)
    {
        string[] collectives = [.. Case.Collectives.Where(name => results.Any(result => result.Case.Collective == name))];
        yield return $"| | {string.Join(" | ", collectives.Select(name => $"`{name}`"))} | all | all, Allocate | at most {Text.Number(target, "0.0")} |";
        yield return $"|---|{string.Concat(Enumerable.Repeat("---:|", collectives.Length))}---:|---:|---|";
        foreach (IGrouping<(string Transport, int Ranks), Result> group in results.GroupBy(result => (result.Case.Transport, result.Case.Ranks)))
        {
            string cells = string.Join(" | ", collectives.Select(name => MeanOf(group.Where(result => result.Case.Collective == name), Contenders.Arrays)));
            bool isReached = Mean.Geometric(group.SelectMany(result => result.Ratios(Contenders.Arrays))) <= target;
            yield return $"| {group.Key.Transport}, {group.Key.Ranks} ranks | {cells} | **{MeanOf(group, Contenders.Arrays)}** | {MeanOf(group, Contenders.Allocated)} | {(isReached ? "yes" : "no")} |";
        }
    }

    /// <summary>A row a setting of a peer, a column a collective: its mean time in the trials by that of the peer's best setting. The one that took part is bold.</summary>
    public static IEnumerable<string> SettingsOfPeers(IReadOnlyList<Result> results)
    {
        yield return $"| setting | {string.Join(" | ", results.Select(result => $"`{result.Case.Collective}`"))} |";
        yield return $"|---|{string.Concat(Enumerable.Repeat("---:|", results.Count))}";
        foreach ((string peer, string setting) in results.SelectMany(result => result.Tried).Select(tried => (tried.Peer, tried.Setting.Setting)).Distinct())
        {
            IEnumerable<string> cells = results.Select(result => SettingCell(result.Tried.FirstOrDefault(tried => tried.Peer == peer && tried.Setting.Setting == setting)));
            yield return $"| {peer}: {setting} | {string.Join(" | ", cells)} |";
        }
    }

    /// <summary>A row a contender; the first call of all, then times by size with the ratio to the first contender.</summary>
    public static IEnumerable<string> ByContender(Comparison comparison)
    {
        long smallest = comparison.Sizes[0];
        yield return $"| setting | first call of the process (ms) | {string.Join(" | ", comparison.Sizes.Select(bytes => $"{Text.Bytes(bytes)} (us) | ratio"))} |";
        yield return $"|---|---:|{string.Concat(Enumerable.Repeat("---:|---:|", comparison.Sizes.Count))}";
        for (int i = 0; i < comparison.Contenders.Count; i++)
        {
            yield return $"| {comparison.Contenders[i].Name} | {Text.Digits(comparison.Median(i, smallest, measured => measured.TimeUs.First) / 1000)} | "
                + $"{string.Join(" | ", comparison.Sizes.Select(bytes => $"{Text.Digits(comparison.Time(i, bytes))} | {(i == 0 ? "1" : Text.Ratio(comparison.Ratio(i, bytes)))}"))} |";
        }
    }

    public static IEnumerable<string> Commands(IEnumerable<Contender> contenders) => ["", "```", .. contenders.Select(contender => contender.CommandLine), "```", ""];

    /// <summary>The geometric mean over sizes, and cases if there are several.</summary>
    private static string MeanOf(IEnumerable<Result> results, string name)
    {
        double[] ratios = [.. results.SelectMany(result => result.Ratios(name))];
        return ratios.Length == 0 ? "" : Text.Two(Mean.Geometric(ratios));
    }

    private static string Cell(Comparison comparison, long bytes) =>
        !comparison.Sizes.Contains(bytes) ? "" : string.Join("<br>", new[] { Contenders.Arrays, Contenders.Allocated, Contenders.RoofName }.Select(name => RatioOf(comparison, name, bytes)).OfType<string>());

    private static string? RatioOf(Comparison comparison, string name, long bytes) => comparison.Find(name) is not { } index ? null
        : name == Contenders.RoofName ? $"*{Text.Two(comparison.Ratio(index, bytes).Median)}*"
        : Text.Ratio(comparison.Ratio(index, bytes));

    private static string SettingCell(Tried? tried) => tried switch
    {
        null => "",
        { IsHopeless: true } => "too slow",
        { Runs: false, IsChosen: true } => "**not compared**",
        { Runs: false } => "does not run",
        { IsChosen: true } => $"**{Text.Two(tried.MeanRatio)}**",
        _ => Text.Two(tried.MeanRatio),
    };
}
