using System.Diagnostics;
using System.Globalization;

namespace RdmaCollectives.Simulation;

/// <summary>Runs a range of seeds in this process, and reports.</summary>
internal static class SeedRun
{
    /// <summary>What a worker process says last, for the one that started it: counts, and the hits of the coverage.</summary>
    public const string Tally = "tally ";

    public static int Run(RunOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        var worker = new Worker(options.Planted);
        int failed = 0;
        for (ulong seed = options.First; seed < options.End && Stopwatch.GetElapsedTime(start) < options.Longest; seed++)
        {
            Simulation simulation = worker.Run(seed);
            if (simulation.Failures.Count > 0)
            {
                failed++;
                Console.WriteLine($"seed {seed} failed (replay: --seed {seed}): {simulation.Failures[0]}");
                if (!options.GoesOn)
                {
                    break;
                }
            }
        }

        var total = new Totals { Seeds = worker.Seeds, Points = worker.Points, Faults = worker.Faults, Failed = failed };
        Array.Copy(worker.Coverage.Hits, total.Coverage.Hits, total.Coverage.Hits.Length);
        if (options.Processor >= 0)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Tally}{total.Seeds} {total.Points} {total.Faults} {total.Failed} {string.Join(' ', total.Coverage.Hits)}"));
            return failed == 0 ? 0 : 1;
        }

        return total.Report(Stopwatch.GetElapsedTime(start), options.WantsEveryPoint);
    }
}
