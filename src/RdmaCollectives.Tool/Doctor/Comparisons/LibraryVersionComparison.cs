namespace RdmaCollectives.Tool.Doctor.Comparisons;

/// <summary>The version of RdmaCollectives: ranks of one job run one.</summary>
internal sealed class LibraryVersionComparison : IComparison
{
    public string Name => "library-version";

    public string Summary => "the version of RdmaCollectives";

    public IEnumerable<Finding> Compare(IReadOnlyList<ComparedRank> ranks)
    {
        var versions = Grouped.ByClass(ranks, rank => rank.Facts.Library);
        return
        [
            versions.Differ
                ? Finding.Warning(
                    $"Hosts run different versions of RdmaCollectives, {string.Join(", ", versions.Values)}: ranks may refuse each other, or choose differently where all have to choose alike.",
                    versions.Describe(version => version),
                    "Install one version on all hosts; 'rdmacc --version' says which there is.") with { Ranks = versions.Ranks(version => version != versions.Values[0]) }
                : Finding.Ok($"All hosts run RdmaCollectives {versions.Values[0]}.", "rdmacc --version"),
        ];
    }
}
