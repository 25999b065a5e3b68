using System.Globalization;
using RdmaCollectives.Simulation.Faults;

namespace RdmaCollectives.Simulation;

/// <summary>What came of many seeds.</summary>
internal sealed class Totals
{
    public long Seeds { get; set; }

    public long Points { get; set; }

    public long Faults { get; set; }

    public long Failed { get; set; }

    public Coverage Coverage { get; } = new();

    /// <summary>Adds what a worker process said (<see cref="SeedRun.Tally"/>).</summary>
    public void Add(string tally)
    {
        long[] numbers = [.. tally[SeedRun.Tally.Length..].Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];
        Seeds += numbers[0];
        Points += numbers[1];
        Faults += numbers[2];
        Failed += numbers[3];
        for (int i = 0; i < Coverage.Hits.Length; i++)
        {
            Coverage.Hits[i] += (int)numbers[4 + i];
        }
    }

    /// <summary>Prints it; the exit code.</summary>
    public int Report(TimeSpan time, bool wantsEveryPoint)
    {
        Console.WriteLine("Faults by point and class of code, as often as each was put (- : there is no such point):");
        Console.WriteLine(Coverage.Table());
        string[] missing = [.. Coverage.Missing()];
        foreach (string place in missing)
        {
            Console.WriteLine($"never: {place}");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Seeds} seeds, {Points} points, {Faults} faults, {missing.Length} points never hit, {Failed} failed, {time.TotalSeconds:0.0} s, {Seeds / time.TotalSeconds:0} seeds/s"));
        return Failed > 0 || (wantsEveryPoint && missing.Length > 0) ? 1 : 0;
    }
}
