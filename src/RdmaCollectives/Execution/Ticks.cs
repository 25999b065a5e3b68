using System.Diagnostics;

namespace RdmaCollectives.Execution;

/// <summary>Times in the unit of <see cref="Stopwatch.GetTimestamp"/>.</summary>
internal static class Ticks
{
    /// <summary>A time span in ticks; a very long one stays far enough from the end of the range that a timestamp can be added to it.</summary>
    public static long Of(TimeSpan time) => (long)Math.Min(time.TotalSeconds * Stopwatch.Frequency, long.MaxValue / 4);

    /// <summary>Ticks as a time span.</summary>
    public static TimeSpan ToTime(long ticks) => Stopwatch.GetElapsedTime(0, ticks);
}
