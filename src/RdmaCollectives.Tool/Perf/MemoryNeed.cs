using RdmaCollectives.Tool.CommandLine;

namespace RdmaCollectives.Tool.Perf;

/// <summary>Looks whether the buffers fit before they are made: Linux promises more memory than there is, and then kills.</summary>
internal static class MemoryNeed
{
    /// <exception cref="ToolException">They don't fit.</exception>
    public static void Check(PerfOptions options, int ranksOfThisHost)
    {
        if (options.Runs.All(run => !run.Collective.HasSize))
        {
            return;
        }

        long largest = options.Sizes[^1];
        long need = largest * 2 * ranksOfThisHost;
        long available = Available();
        if (need > available)
        {
            throw ToolException.BadArguments(
                $"-e {ByteSize.Format(largest)}: {ranksOfThisHost} ranks need 2 buffers each, {Gibibytes(need)} GiB in all, and {Gibibytes(available)} GiB of memory are available. End with a smaller size or start fewer ranks.");
        }
    }

    /// <summary>What the kernel thinks a program can have without swapping, and no more than the limit of the container.</summary>
    private static long Available()
    {
        long limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        try
        {
            string? line = File.ReadLines("/proc/meminfo").FirstOrDefault(text => text.StartsWith("MemAvailable:", StringComparison.Ordinal));
            string digits = new([.. (line ?? "").Where(char.IsAsciiDigit)]);
            return digits.Length == 0 ? limit : Math.Min(limit, 1024 * long.Parse(digits, System.Globalization.CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return limit;
        }
    }

    private static string Gibibytes(long bytes) => (bytes / (double)(1L << 30)).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
}
