using System.Text.Json;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.Launching;

namespace RdmaCollectives.Tool.Perf;

/// <summary>One rank of a measurement: all ranks measure, rank 0 reports.</summary>
internal static class PerfRank
{
    public static int Run(PerfOptions options, ILoggerFactory? loggers)
    {
        using TextWriter? json = OpenJson(options);
        using var communicator = Communicator.Create(new CommunicatorOptions { Transports = options.Transports, Timeout = options.Timeout, LoggerFactory = loggers });
        if (options.Ranks is { } ranks && ranks != communicator.WorldSize)
        {
            throw ToolException.BadArguments($"--ranks {ranks}: the launcher has started {communicator.WorldSize}. Leave --ranks away under a launcher.");
        }

        MemoryNeed.Check(options, communicator.LocalWorldSize);
        using var send = new PerfBuffer(communicator, options.Buffers, options.Sizes[^1]);
        using var receive = new PerfBuffer(communicator, options.Buffers, options.Sizes[^1]);
        var measurement = new Measurement(communicator, options, send, receive);
        if (communicator.Rank != 0)
        {
            MeasureAll(options, measurement, _ => { }, _ => { });
            return ExitCode.Success;
        }

        var table = new PerfTable(options.Json == "-" ? Terminal.Error : Terminal.Output, options);
        var progress = new ProgressLine();
        table.Begin(communicator);
        MeasureAll(options, measurement, bytes => progress.Show($"measuring {ByteSize.Format(bytes)} ..."), results =>
        {
            progress.Clear();
            table.Add(results);
            foreach (PerfResult result in results)
            {
                json?.WriteLine(JsonSerializer.Serialize(result, PerfJson.Default.PerfResult));
                json?.Flush();
            }
        });
        table.End();
        return table.Wrong == 0 ? ExitCode.Success : ExitCode.Failed;
    }

    private static void MeasureAll(PerfOptions options, Measurement measurement, Action<long> begin, Action<IReadOnlyList<PerfResult>> report)
    {
        foreach (long bytes in options.Sizes)
        {
            begin(bytes);
            List<PerfResult> results = [];
            if (options.OutOfPlace)
            {
                results.Add(measurement.Run(bytes, inPlace: false));
            }

            if (options.InPlace)
            {
                results.Add(measurement.Run(bytes, inPlace: true));
            }

            report(results);
        }
    }

    /// <summary>Opened before the ranks meet: a wrong path ends the run before it begins.</summary>
    private static TextWriter? OpenJson(PerfOptions options) =>
        options.Json is null || !Launched.IsRankZero ? null
        : options.Json == "-" ? Console.Out
        : JsonFile.Create(options.Json);
}
