using System.Globalization;
using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation;

/// <summary>
/// <code>
/// RdmaCollectives.Simulation --seed 17                 that seed, with everything that happens in it; --quiet: its end alone
/// RdmaCollectives.Simulation --seeds 0..100000         many, and a report
///     --for 60                                         so many seconds at most
///     --workers 2                                      in so many processes, each on a processor of its own
///     --go-on                                          to the end, whatever fails
///     --every-point                                    a point at which a fault was never put is a failure too
///     --planted CreditReturnedEarly                    with a bug that the simulation has to find
/// </code>
/// Ends with 0 where nothing is wrong, else with 1; 2 where it was asked wrongly.
/// </summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        try
        {
            var options = new RunOptions(arguments);
            Processor.Number = options.Processor;
            return options.Seed is { } seed ? Replay(seed, options)
                : options.Workers > 1 ? WorkerProcesses.Run(options)
                : SeedRun.Run(options);
        }
        catch (FormatException error)
        {
            Console.Error.WriteLine(error.Message);
            return 2;
        }
    }

    private static int Replay(ulong seed, RunOptions options)
    {
        Simulation simulation = new Worker(options.Planted).Run(seed, options.IsQuiet ? null : Console.WriteLine);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{simulation.Scheduler.Points} points, trace {simulation.Scheduler.TraceHash:x16}, {(simulation.Failures.Count == 0 ? "nothing is wrong" : "FAILED")}"));
        Console.WriteLine(string.Join('\n', simulation.Failures));
        return simulation.Failures.Count == 0 ? 0 : 1;
    }
}
