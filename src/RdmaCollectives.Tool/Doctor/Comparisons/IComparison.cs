namespace RdmaCollectives.Tool.Doctor.Comparisons;

/// <summary>One thing that should be alike on all hosts, or that needs one host to fit the others. Looks at facts that were gathered before, and at no host itself.</summary>
internal interface IComparison
{
    /// <summary>What <c>--only</c> and <c>--skip</c> call it.</summary>
    string Name { get; }

    /// <summary>What it compares, as <c>--list</c> and docs/doctor.md say it.</summary>
    string Summary { get; }

    /// <summary>At least one finding; an <see cref="Severity.Ok"/> where nothing differs. What a host could not tell is left out.</summary>
    /// <param name="ranks">All ranks, in their order; more than one.</param>
    IEnumerable<Finding> Compare(IReadOnlyList<ComparedRank> ranks);
}
