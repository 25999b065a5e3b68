using System.Diagnostics;
using System.Globalization;

namespace RdmaCollectives.Simulation;

/// <summary>Divides a range of seeds among processes, one on each processor: a simulation runs one thread at a time, and threads of one process would wait for each other's garbage collections.</summary>
internal static class WorkerProcesses
{
    public static int Run(RunOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        var total = new Totals();
        ulong each = (options.End - options.First + (ulong)options.Workers - 1) / (ulong)options.Workers;
        Process[] workers = [.. Enumerable.Range(0, options.Workers).Select(number => Start(options, number, options.First + ((ulong)number * each), Math.Min(options.End, options.First + ((ulong)(number + 1) * each)), total))];
        bool haveAllSpoken = true;
        foreach (Process worker in workers)
        {
            worker.WaitForExit();
            haveAllSpoken &= worker.ExitCode is 0 or 1;
            worker.Dispose();
        }

        int result = total.Report(Stopwatch.GetElapsedTime(start), options.WantsEveryPoint);
        return haveAllSpoken ? result : 1;
    }

    private static Process Start(RunOptions options, int number, ulong first, ulong end, Totals total)
    {
        string[] arguments =
        [
            "--seeds", string.Create(CultureInfo.InvariantCulture, $"{first}..{end}"),
            "--for", options.Longest.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            "--planted", options.Planted.ToString(),
            "--processor", (number % Environment.ProcessorCount).ToString(CultureInfo.InvariantCulture),
            .. options.GoesOn ? ["--go-on"] : Array.Empty<string>(),
        ];
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, line) =>
        {
            lock (total)
            {
                if (line.Data?.StartsWith(SeedRun.Tally, StringComparison.Ordinal) == true)
                {
                    total.Add(line.Data);
                }
                else if (line.Data is { } text)
                {
                    Console.WriteLine(text);
                }
            }
        };
        process.BeginOutputReadLine();
        return process;
    }
}
