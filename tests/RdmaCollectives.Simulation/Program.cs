using System.Diagnostics;
using System.Globalization;
using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation;

/// <summary>
/// <code>
/// RdmaCollectives.Simulation --seed 17                 that seed, with everything that happens in it
/// RdmaCollectives.Simulation --seeds 0..100000         many, and a report; with --processor N on that processor alone
/// ... --planted CreditReturnedEarly                    with a bug that the simulation has to find
/// </code>
/// Ends with 0 where nothing is wrong, else with 1.
/// </summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        string? Value(string name) => Array.IndexOf(arguments, name) is >= 0 and int place && place + 1 < arguments.Length ? arguments[place + 1] : null;
        Planted planted = Value("--planted") is { } bug ? Enum.Parse<Planted>(bug) : Planted.None;
        Processor.Number = int.Parse(Value("--processor") ?? "-1", CultureInfo.InvariantCulture);
        var worker = new Worker(planted);
        if (Value("--seed") is { } seed)
        {
            Simulation simulation = worker.Run(ulong.Parse(seed, CultureInfo.InvariantCulture), Console.WriteLine);
            Console.WriteLine($"{simulation.Scheduler.Points} points, trace {simulation.Scheduler.TraceHash:x16}, {(simulation.Failures.Count == 0 ? "nothing is wrong" : "FAILED")}");
            Console.WriteLine(string.Join('\n', simulation.Failures));
            return simulation.Failures.Count == 0 ? 0 : 1;
        }

        string[] range = (Value("--seeds") ?? "0..1000").Split("..");
        ulong first = ulong.Parse(range[0], CultureInfo.InvariantCulture);
        ulong end = ulong.Parse(range[1], CultureInfo.InvariantCulture);
        return RunMany(worker, first, end, arguments.Contains("--go-on"));
    }

    private static int RunMany(Worker worker, ulong first, ulong end, bool goesOn)
    {
        long start = Stopwatch.GetTimestamp();
        int failed = 0;
        for (ulong seed = first; seed < end; seed++)
        {
            Simulation simulation = worker.Run(seed);
            if (simulation.Failures.Count > 0)
            {
                failed++;
                Console.WriteLine($"seed {seed} failed (replay: --seed {seed}): {simulation.Failures[0]}");
                if (!goesOn)
                {
                    break;
                }
            }
        }

        TimeSpan time = Stopwatch.GetElapsedTime(start);
        Console.WriteLine(worker.Coverage.Table());
        foreach (string missing in worker.Coverage.Missing())
        {
            Console.WriteLine($"never: {missing}");
        }

        Console.WriteLine($"{worker.Seeds} seeds, {worker.Points} points, {worker.Faults} faults, {failed} failed, {time.TotalSeconds:0.0} s, {worker.Seeds / time.TotalSeconds:0} seeds/s");
        return failed == 0 ? 0 : 1;
    }
}
