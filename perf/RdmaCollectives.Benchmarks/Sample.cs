using System.Diagnostics;

namespace RdmaCollectives.Benchmarks;

/// <summary>Windows of calls, and the middle of many of them.</summary>
internal static class Sample
{
    /// <summary>Nanoseconds of a call, over a window of them.</summary>
    public static double Time(Action call, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            call();
        }

        return (Stopwatch.GetTimestamp() - start) * 1e9 / Stopwatch.Frequency / calls;
    }

    public static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
