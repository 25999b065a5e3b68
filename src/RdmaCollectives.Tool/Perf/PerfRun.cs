namespace RdmaCollectives.Tool.Perf;

/// <summary>One line of a plot: a collective, by a named algorithm or by the one that the library chooses (null).</summary>
internal readonly record struct PerfRun(PerfCollective Collective, string? Algorithm)
{
    /// <summary>The sizes of this run: whole elements of each part, at least one of each, for so many ranks.</summary>
    public IReadOnlyList<long> Sizes(PerfOptions options, int ranks)
    {
        if (!Collective.HasSize)
        {
            return [0];
        }

        long unit = Collective.Parts(ranks) * (long)options.DataType.ElementSize();
        return [.. options.Sizes.Select(size => Math.Max(unit, size - (size % unit))).Distinct()];
    }
}
