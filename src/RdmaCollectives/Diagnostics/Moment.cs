namespace RdmaCollectives.Diagnostics;

/// <summary>Times for what is told to people: to some milliseconds, for a tenth of what a precise look at the clock costs.</summary>
internal static class Moment
{
    /// <summary>Milliseconds from some beginning; reading it takes about 5 ns.</summary>
    public static long Coarse => Environment.TickCount64;

    /// <summary>The time of day.</summary>
    public static DateTimeOffset UtcNow => DateTimeOffset.UtcNow;

    /// <summary>The time since <paramref name="coarse"/>.</summary>
    public static TimeSpan Since(long coarse) => TimeSpan.FromMilliseconds(Math.Max(0, Coarse - coarse));
}
