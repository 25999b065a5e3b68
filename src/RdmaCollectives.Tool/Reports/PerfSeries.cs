using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Tool.Launching;
using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Reports;

/// <summary>The same measurement over one transport after the other, a job each, and what comes of all of them.</summary>
/// <param name="parsed">The command line, which the ranks get as it is.</param>
/// <param name="options">What it says.</param>
/// <param name="ranks">Ranks of each job.</param>
/// <param name="bind">The processors of the ranks.</param>
/// <param name="own">Options that are ours and not for the ranks, by name.</param>
/// <param name="loggers">For the jobs.</param>
internal sealed class PerfSeries(ParseResult parsed, PerfOptions options, int ranks, BindMode bind, IReadOnlyCollection<string> own, ILoggerFactory? loggers)
{
    /// <param name="transports">One job each; none: one job with what the ranks choose.</param>
    /// <param name="html">Where the report goes; null: nowhere.</param>
    /// <returns>The exit code: of the first job that failed, or whether all results were right.</returns>
    public int Run(IReadOnlyList<string> transports, string? html)
    {
        if (options.Json == "-")
        {
            throw ToolException.BadArguments("--json -: the tables of several jobs go to standard output; with --html or --transports name a file.");
        }

        List<string> lines = [];
        int exitCode = ExitCode.Success;
        string?[] jobs = transports.Count == 0 ? [options.Transports] : [.. transports];
        foreach (string? transport in jobs)
        {
            int code = RunJob(transport, lines);
            if (code is not (ExitCode.Success or ExitCode.Failed))
            {
                return code;
            }

            exitCode = Math.Max(exitCode, code);
        }

        WriteJson(lines);
        return Math.Max(exitCode, PerfReport.Finish([.. lines.Select(line => JsonSerializer.Deserialize(line, PerfJson.Default.PerfResult)!)], html));
    }

    private int RunJob(string? transport, List<string> lines)
    {
        string file = Path.GetTempFileName();
        try
        {
            string[] transportOption = transport is null ? [] : ["--transport", transport];
            int code = Job.Run(
                new JobOptions { Command = ThisProgram.With([.. WordsForRanks(), .. transportOption, "--json", file]), Ranks = ranks, Transports = transport, Bind = bind, RankZeroOwnsOutput = true },
                loggers);
            lines.AddRange(File.ReadLines(file));
            return code;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The command line without the options that are ours; each of these has one value.</summary>
    private IEnumerable<string> WordsForRanks()
    {
        bool skipValue = false;
        foreach (Token token in parsed.Tokens)
        {
            bool isOwn = token.Type == TokenType.Option && own.Contains(token.Value, StringComparer.Ordinal);
            if (!isOwn && !skipValue)
            {
                yield return token.Value;
            }

            skipValue = isOwn;
        }
    }

    private void WriteJson(List<string> lines)
    {
        if (options.Json is not null)
        {
            using StreamWriter json = OutputFile.Create("--json", options.Json);
            lines.ForEach(json.WriteLine);
        }
    }
}
