using RdmaCollectives.Tool.RawPerf;

namespace RdmaCollectives.Tool.Perf;

/// <summary><c>rdmacc perf --list</c>: a line per collective, and its algorithms below; then the raw tests.</summary>
internal static class PerfList
{
    public static void Show()
    {
        ShowCollectives();
        Console.WriteLine();
        Console.WriteLine("Raw verbs between two ends, as perftest (rdmacc perf write_bw --help):");
        int width = RawTest.All.Max(test => test.Name.Length) + 2;
        foreach (RawTest test in RawTest.All)
        {
            Console.WriteLine($"{test.Name.PadRight(width)}{test.Summary}");
        }
    }

    private static void ShowCollectives()
    {
        int width = PerfCollectives.Names.Max(name => name.Length) + 2;
        foreach (PerfCollective collective in PerfCollectives.All)
        {
            Console.WriteLine($"{collective.Name.PadRight(width)}{collective.Summary}");
            if (collective.Kind is not null)
            {
                Console.WriteLine($"{"".PadRight(width)}algorithms: {string.Join(", ", collective.Algorithms.Select(schedule => schedule.Name))}");
            }
        }
    }
}
