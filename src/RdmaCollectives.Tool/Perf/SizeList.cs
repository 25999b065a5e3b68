using RdmaCollectives.Tool.CommandLine;

namespace RdmaCollectives.Tool.Perf;

/// <summary>The sizes to measure, in whole elements.</summary>
internal static class SizeList
{
    private const int MostSizes = 10_000;

    /// <param name="type">The element type.</param>
    /// <param name="begin">The smallest size in bytes.</param>
    /// <param name="end">The largest.</param>
    /// <param name="factor">Each is so many times the last; null for 2.</param>
    /// <param name="step">Each is so many bytes more than the last, in place of a factor.</param>
    public static IReadOnlyList<long> Make(DataType type, long begin, long end, int? factor, long? step)
    {
        int element = type.ElementSize();
        if (begin < element || begin > end)
        {
            throw ToolException.BadArguments($"-b {ByteSize.Format(begin)}: allowed are {element} (one element of {type.ShortName()}) to {ByteSize.Format(end)}, where -e ends.");
        }

        if (step is not null && factor is not null)
        {
            throw ToolException.BadArguments($"-f {factor} and -i {step}: sizes grow by a factor or by a step; give one of them.");
        }

        List<long> sizes = [];
        for (long size = begin; size <= end; size = step is null ? size * (factor ?? 2) : size + step.Value)
        {
            if (sizes.Count == MostSizes)
            {
                throw ToolException.BadArguments($"-i {step}: these are more than {MostSizes} sizes; take a larger step or a factor (-f).");
            }

            sizes.Add(size - (size % element));
        }

        return [.. sizes.Distinct()];
    }
}
