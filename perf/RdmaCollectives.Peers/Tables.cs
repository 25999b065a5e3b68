namespace RdmaCollectives.Peers;

/// <summary>Comparisons as Markdown.</summary>
internal static class Tables
{
    /// <summary>A row a size; times, and the ratios to the first contender.</summary>
    public static IEnumerable<string> BySize(Comparison comparison)
    {
        int[] others = [.. Enumerable.Range(1, comparison.Contenders.Count - 1)];
        string[] names = [.. comparison.Contenders.Select(contender => contender.Name)];
        yield return $"| size | {names[0]} (us) | {string.Join(" | ", others.Select(i => $"{names[i]} (us) | ratio"))} |";
        yield return $"|---:|---:|{string.Concat(Enumerable.Repeat("---:|---:|", others.Length))}";
        foreach (long bytes in comparison.Sizes)
        {
            yield return $"| {Text.Bytes(bytes)} | {Text.Digits(comparison.Time(0, bytes))} | "
                + $"{string.Join(" | ", others.Select(i => $"{Text.Digits(comparison.Time(i, bytes))} | {Text.Ratio(comparison.Ratio(i, bytes))}"))} |";
        }

        yield return $"| geometric mean | | {string.Join(" | ", others.Select(i => $"| {Text.Two(comparison.MeanRatio(i))}"))} |";
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

    public static IEnumerable<string> Commands(Comparison comparison) =>
        ["", "```", .. comparison.Contenders.Select(contender => contender.CommandLine), "```", ""];
}
