using System.Diagnostics;
using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Network;
using RdmaCollectives.Simulation.Programs;
using RdmaCollectives.Simulation.Scheduling;

namespace RdmaCollectives.Simulation;

/// <summary>Runs one seed after the other, with the same threads and the same memory.</summary>
internal sealed class Worker(Planted planted = Planted.None)
{
    private readonly Arena _arena = new();
    private readonly Stack<Fiber> _fibers = new();

    public Coverage Coverage { get; } = new();

    public long Points { get; private set; }

    public int Seeds { get; private set; }

    /// <summary>Faults that were put.</summary>
    public int Faults { get; private set; }

    /// <summary>The simulation of a seed, at its end.</summary>
    public Simulation Run(ulong seed, Action<string>? trace = null, Scenario? scenario = null)
    {
        var simulation = new Simulation(seed, planted, _arena, _fibers, trace, scenario);
        simulation.Run();
        Seeds++;
        Points += simulation.Scheduler.Points;
        if (simulation.Plan.IsPut)
        {
            Faults++;
            Coverage.Add(simulation.Plan);
        }

        return simulation;
    }

    /// <summary>The first seed of a range that fails, or null.</summary>
    public (ulong Seed, string Failure)? FirstFailure(ulong first, ulong count, TimeSpan longest)
    {
        long start = Stopwatch.GetTimestamp();
        for (ulong seed = first; seed < first + count && Stopwatch.GetElapsedTime(start) < longest; seed++)
        {
            Simulation simulation = Run(seed);
            if (simulation.Failures.Count > 0)
            {
                return (seed, string.Join('\n', simulation.Failures));
            }
        }

        return null;
    }
}
