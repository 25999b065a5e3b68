using System.Diagnostics;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Diagnostics;

/// <summary>The clock of this host that never goes back: nanoseconds since a moment of its own. What ranks tell each other of time is in these; two hosts' differ by a <see cref="ClockOffset"/>.</summary>
internal static class MonotonicClock
{
    private static readonly double NanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    public static long Now(Pace pace) => Nanoseconds(pace.Timestamp);

    /// <summary>A <see cref="Pace.Timestamp"/> or a number of its ticks in nanoseconds; on Linux a tick is one.</summary>
    public static long Nanoseconds(long ticks) => Stopwatch.Frequency == 1_000_000_000 ? ticks : (long)(ticks * NanosecondsPerTick);
}
