namespace RdmaCollectives.Tool.Doctor.Comparisons;

/// <summary>Every comparison of hosts, in the order of the report.</summary>
internal static class ComparisonList
{
    public static IReadOnlyList<IComparison> All { get; } =
    [
        new ClockSkewComparison(),
        new LibraryVersionComparison(),
        new LockedMemoryComparison(),
        new InterfaceMtuComparison(),
        new RdmaPortsComparison(),
        new RdmaLinkComparison(),
        new GidsComparison(),
        new RdmaMtuComparison(),
    ];

    /// <param name="comparisons">Those that are wanted.</param>
    /// <param name="ranks">All ranks, in their order.</param>
    /// <param name="areHosts">Whether they are of several hosts; ranks of one can differ by their settings, and that they do not is no news.</param>
    public static IEnumerable<Finding> Judge(IReadOnlyList<IComparison> comparisons, IReadOnlyList<ComparedRank> ranks, bool areHosts) => ranks.Count < 2 ? []
        : comparisons.SelectMany(comparison => comparison.Compare(ranks).Select(finding => finding with { Check = comparison.Name })).Where(finding => areHosts || finding.Severity != Severity.Ok);
}
