using System.Globalization;
using RdmaCollectives.Tool.Inspect;

namespace RdmaCollectives.Tool.Doctor.Comparisons;

/// <summary>Ranks by a value: which of them have which.</summary>
/// <typeparam name="T">Of the value.</typeparam>
internal sealed class Grouped<T>
    where T : notnull
{
    private const int MostNamed = 8;

    private readonly IReadOnlyList<ComparedRank> _ranks;
    private readonly IReadOnlyList<(T Value, ComparedRank[] Ranks)> _groups;

    private Grouped(IReadOnlyList<ComparedRank> ranks, IReadOnlyList<(T Value, ComparedRank[] Ranks)> groups) => (_ranks, _groups) = (ranks, groups);

    /// <summary>Each value once, the one that the lowest rank has first.</summary>
    public IReadOnlyList<T> Values => [.. _groups.Select(group => group.Value)];

    public bool Differ => _groups.Count > 1;

    /// <param name="ranks">All ranks.</param>
    /// <param name="valueOf">The value of one, and whether it is known.</param>
    public static Grouped<T> Of(IReadOnlyList<ComparedRank> ranks, Func<ComparedRank, (bool IsKnown, T Value)> valueOf) => new(
        ranks,
        [.. ranks.Select(rank => (Rank: rank, Found: valueOf(rank))).Where(pair => pair.Found.IsKnown).GroupBy(pair => pair.Found.Value).Select(group => (group.Key, group.Select(pair => pair.Rank).ToArray()))]);

    /// <summary>The numbers of the ranks that have a value which <paramref name="matches"/>.</summary>
    public int[] Ranks(Func<T, bool> matches) => [.. Of(matches).Select(rank => rank.Rank)];

    /// <summary><c>host a</c>, <c>hosts a and b</c>, <c>hosts a and b (rank 3)</c>: those that have a value which <paramref name="matches"/>.</summary>
    public string Hosts(Func<T, bool> matches)
    {
        string[] names = [.. Of(matches).GroupBy(rank => rank.Host, StringComparer.Ordinal).Select(host => Name(host.Key, [.. host]))];
        return names.Length == 1 ? $"host {names[0]}"
            : names.Length <= MostNamed ? $"hosts {string.Join(", ", names[..^1])} and {names[^1]}"
            : string.Create(CultureInfo.InvariantCulture, $"hosts {string.Join(", ", names[..MostNamed])} and {names.Length - MostNamed} more");
    }

    /// <summary><c>hosts a and b: 4096; host c: 1024</c>.</summary>
    public string Describe(Func<T, string> text) => string.Join("; ", _groups.Select(group => $"{Hosts(value => EqualityComparer<T>.Default.Equals(value, group.Value))}: {text(group.Value)}"));

    private IEnumerable<ComparedRank> Of(Func<T, bool> matches) => _groups.Where(group => matches(group.Value)).SelectMany(group => group.Ranks).OrderBy(rank => rank.Rank);

    /// <summary>Where not all ranks of a host are meant, those that are.</summary>
    private string Name(string host, ComparedRank[] some) => some.Length == _ranks.Count(rank => rank.Host == host) ? host : $"{host} ({Words.Ranks(some.Select(rank => rank.Rank))})";
}

/// <summary>Makes them.</summary>
internal static class Grouped
{
    /// <param name="ranks">All ranks.</param>
    /// <param name="valueOf">The value of one; null where it is not known.</param>
    public static Grouped<T> ByClass<T>(IReadOnlyList<ComparedRank> ranks, Func<ComparedRank, T?> valueOf)
        where T : class => Grouped<T>.Of(ranks, rank => valueOf(rank) is { } value ? (true, value) : (false, null!));

    /// <inheritdoc cref="ByClass"/>
    public static Grouped<T> By<T>(IReadOnlyList<ComparedRank> ranks, Func<ComparedRank, T?> valueOf)
        where T : struct => Grouped<T>.Of(ranks, rank => valueOf(rank) is { } value ? (true, value) : (false, default));
}
