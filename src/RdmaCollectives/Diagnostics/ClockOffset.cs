namespace RdmaCollectives.Diagnostics;

/// <summary>How far another rank's <see cref="MonotonicClock"/> is ahead of this rank's.</summary>
/// <param name="Rank">The other rank.</param>
/// <param name="Nanoseconds">Its clock less ours at one moment; wrong by at most half of the round trip.</param>
/// <param name="RoundTrip">Of the question that it comes from, in nanoseconds: the shortest of several.</param>
/// <param name="MeasuredAt">When, by our clock.</param>
internal readonly record struct ClockOffset(int Rank, long Nanoseconds, long RoundTrip, long MeasuredAt);
