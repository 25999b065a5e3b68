namespace RdmaCollectives.Tool.Perf;

/// <summary><c>rdmacc perf --list</c>: a line per collective, and its algorithms below.</summary>
internal static class PerfList
{
    public static void Show()
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
