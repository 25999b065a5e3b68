using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.Doctor.Comparisons;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>The checks of a host and the comparisons of hosts that were asked for. A name that both have means both.</summary>
internal sealed record Selection(IReadOnlyList<ICheck> Checks, IReadOnlyList<IComparison> Comparisons)
{
    /// <param name="only">Names with commas between; null for all.</param>
    /// <param name="skip">Names with commas between, which are left out; null for none.</param>
    /// <exception cref="ToolException">A name is none of a check.</exception>
    public static Selection Of(string? only, string? skip)
    {
        IReadOnlySet<string>? wanted = only is null ? null : Names("--only", only);
        IReadOnlySet<string>? unwanted = skip is null ? null : Names("--skip", skip);
        bool IsSelected(string name) => wanted?.Contains(name) != false && unwanted?.Contains(name) != true;
        var selection = new Selection([.. CheckList.All.Where(check => IsSelected(check.Name))], [.. ComparisonList.All.Where(comparison => IsSelected(comparison.Name))]);
        return selection.Checks.Count + selection.Comparisons.Count > 0 ? selection : throw ToolException.BadArguments($"--skip {skip}: no check is left. Leave some in.");
    }

    private static HashSet<string> Names(string option, string text)
    {
        HashSet<string> names = [.. text.Split(',', StringSplitOptions.TrimEntries)];
        string[] known = [.. CheckList.All.Select(check => check.Name).Concat(ComparisonList.All.Select(comparison => comparison.Name)).Distinct(StringComparer.Ordinal)];
        return names.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } wrong
            ? throw ToolException.BadArguments($"{option} {wrong}: there is no such check; there is {string.Join(", ", known)}.{Suggestion.For(wrong, known)}")
            : names;
    }
}
