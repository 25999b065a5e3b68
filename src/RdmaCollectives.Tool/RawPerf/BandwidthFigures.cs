namespace RdmaCollectives.Tool.RawPerf;

/// <summary>What a sender measured at one size.</summary>
/// <param name="Iterations">Messages that were timed, over all queue pairs.</param>
/// <param name="Average">Messages per second from the first post to the last completion.</param>
/// <param name="Peak">Messages per second between the post and the completion for which that is most; null where nobody looked.</param>
internal readonly record struct BandwidthFigures(long Iterations, double Average, double? Peak)
{
    /// <summary>Of two ends that send to each other at the same time: together.</summary>
    public BandwidthFigures With(BandwidthFigures other) => new(Iterations, Average + other.Average, Peak + other.Peak);
}
