using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Reports;

/// <summary>The end of a measurement.</summary>
internal static class PerfReport
{
    /// <summary>Writes the report, if there is to be one, and says how it went.</summary>
    /// <returns>The exit code.</returns>
    public static int Finish(IReadOnlyList<PerfResult> results, string? html)
    {
        if (html is not null && results.Count > 0)
        {
            using StreamWriter file = OutputFile.Create("--html", html);
            file.Write(ReportPage.Make(results, [("command", CommandLine()), ("measured", Measured(results)), ("date", $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC"), .. Machine.Describe()]));
            Console.Error.WriteLine($"rdmacc: the report is in {html}");
        }

        return results.Sum(result => result.Wrong ?? 0) == 0 ? ExitCode.Success : ExitCode.Failed;
    }

    private static string Measured(IReadOnlyList<PerfResult> results)
    {
        string reductions = string.Join(", ", results.Select(result => result.Op).Where(op => op != PerfResult.NoReduction).Distinct(StringComparer.Ordinal));
        return FormattableString.Invariant($"{results[0].Ranks} ranks, {results[0].Dtype}{(reductions.Length == 0 ? "" : $", {reductions}")}");
    }

    private static string CommandLine() =>
        string.Join(' ', ["rdmacc", .. Environment.GetCommandLineArgs()[1..].Select(word => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_.,=/+:".Contains(c, StringComparison.Ordinal)) ? word : $"'{word}'")]);
}
