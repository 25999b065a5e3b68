using System.Text.Json;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.Launching;

namespace RdmaCollectives.Tool.Perf;

/// <summary>One rank of a measurement: all ranks measure, rank 0 reports.</summary>
internal sealed class PerfRank
{
    private readonly PerfOptions _options;
    private readonly Communicator _communicator;
    private readonly PerfBuffer _send;
    private readonly PerfBuffer _receive;

    private PerfRank(PerfOptions options, Communicator communicator, PerfBuffer send, PerfBuffer receive) =>
        (_options, _communicator, _send, _receive) = (options, communicator, send, receive);

    /// <summary>Joins the other ranks and measures all runs.</summary>
    /// <returns>The results of all runs on rank 0, else none.</returns>
    public static IReadOnlyList<PerfResult> Measure(PerfOptions options, ILoggerFactory? loggers)
    {
        using TextWriter? json = OpenJson(options);
        using var communicator = Communicator.Create(new CommunicatorOptions { Transports = options.Transports, Timeout = options.Timeout, LoggerFactory = loggers });
        int ranks = communicator.WorldSize;
        if (options.Ranks is { } asked && asked != ranks)
        {
            throw ToolException.BadArguments($"--ranks {asked}: the launcher has started {ranks}. Leave --ranks away under a launcher.");
        }

        options.CheckRoot(ranks);
        MemoryNeed.Check(options, communicator.LocalWorldSize);
        long largest = options.Runs.Max(run => run.Sizes(options, ranks)[^1]);
        using var send = new PerfBuffer(communicator, options.Buffers, largest);
        using var receive = new PerfBuffer(communicator, options.Buffers, largest);
        var rank = new PerfRank(options, communicator, send, receive);
        return communicator.Rank == 0 ? rank.MeasureAndReport(json) : rank.Measure();
    }

    private List<PerfResult> Measure()
    {
        foreach (PerfRun run in _options.Runs)
        {
            TryMeasure(run, _ => { }, _ => { });
        }

        return [];
    }

    private List<PerfResult> MeasureAndReport(TextWriter? json)
    {
        List<PerfResult> all = [];
        var progress = new ProgressLine();
        foreach (PerfRun run in _options.Runs)
        {
            var table = new PerfTable(_options.Json == "-" ? Terminal.Error : Terminal.Output, _options, run);
            if (run == _options.Runs[0])
            {
                table.BeginFirst(_communicator);
            }
            else
            {
                table.Begin(_communicator.WorldSize);
            }

            string? refusal = TryMeasure(run, bytes => progress.Show($"measuring {run.Collective.Name} {ByteSize.Format(bytes)} ..."), results =>
            {
                progress.Clear();
                table.Add(results);
                all.AddRange(results);
                Write(results, json);
            });
            progress.Clear();
            if (refusal is null)
            {
                table.End();
            }
            else
            {
                table.Refused(refusal);
            }
        }

        return all;
    }

    /// <summary>Why the library refused the run, where that may be; null: it was measured. All ranks find the same, before anything is sent.</summary>
    private string? TryMeasure(PerfRun run, Action<long> begin, Action<IReadOnlyList<PerfResult>> report)
    {
        try
        {
            new Measurement(_communicator, _options, run, _send, _receive).Run(begin, report);
            return null;
        }
        catch (ArgumentException error) when (_options.SkipRefused)
        {
            return Failure.Message(error);
        }
    }

    private static void Write(IReadOnlyList<PerfResult> results, TextWriter? json)
    {
        foreach (PerfResult result in results)
        {
            json?.WriteLine(JsonSerializer.Serialize(result, PerfJson.Default.PerfResult));
            json?.Flush();
        }
    }

    /// <summary>Opened before the ranks meet: a wrong path ends the run before it begins.</summary>
    private static TextWriter? OpenJson(PerfOptions options) =>
        options.Json is null || !Launched.IsRankZero ? null
        : options.Json == "-" ? Console.Out
        : OutputFile.Create("--json", options.Json);
}
