using System.Diagnostics;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>Microseconds of one way (or, for reads and atomics, of the whole round trip), by perftest's rules: the two longest samples are left out, the longest that is shown is the second longest of all.</summary>
internal readonly record struct LatencyFigures(double Min, double Max, double Typical, double Average, double Stdev, double P99, double P999)
{
    /// <summary>As in perftest (LAT_MEASURE_TAIL): what the scheduler takes once is not the network's.</summary>
    private const int Tail = 2;

    /// <summary>Fewer times leave nothing to take percentiles of.</summary>
    public const int LeastTimes = 5;

    /// <param name="posts">When each message was posted, in ticks of the clock; the time of a message is that until the next one.</param>
    /// <param name="isPingPong">Whether the time is that of two messages, one in each direction.</param>
    public static LatencyFigures Of(ReadOnlySpan<long> posts, bool isPingPong)
    {
        double[] times = new double[posts.Length - 1];
        double ticksPerMicrosecond = Stopwatch.Frequency / 1e6 * (isPingPong ? 2 : 1);
        for (int i = 0; i < times.Length; i++)
        {
            times[i] = (posts[i + 1] - posts[i]) / ticksPerMicrosecond;
        }

        Array.Sort(times);
        ReadOnlySpan<double> kept = times.AsSpan(0, times.Length - Tail);
        double sum = 0, squares = 0;
        foreach (double time in kept)
        {
            sum += time;
        }

        double average = sum / kept.Length;
        foreach (double time in kept)
        {
            squares += (time - average) * (time - average);
        }

        int upper = kept.Length / 2;
        return new LatencyFigures(
            Min: times[0],
            Max: times[kept.Length],
            Typical: kept.Length % 2 == 1 ? kept[upper] : (kept[upper - 1] + kept[upper]) / 2,
            Average: average,
            Stdev: Math.Sqrt(squares / kept.Length),
            P99: times[(int)Math.Ceiling(0.99 * kept.Length)],
            P999: times[(int)Math.Ceiling(0.999 * kept.Length)]);
    }
}
