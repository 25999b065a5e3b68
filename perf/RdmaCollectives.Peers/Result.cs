namespace RdmaCollectives.Peers;

/// <summary>A case that was measured: its rounds, and how the settings of the peers were chosen before them.</summary>
internal sealed record Result(Comparison Comparison, IReadOnlyList<Tried> Tried)
{
    public Case Case => Comparison.Case;

    /// <summary>The median ratios of one of ours, or of the roof, by size; none where it was not measured.</summary>
    public IEnumerable<double> Ratios(string name) =>
        Comparison.Find(name) is { } index ? Comparison.Sizes.Select(bytes => Comparison.Ratio(index, bytes).Median) : [];
}
