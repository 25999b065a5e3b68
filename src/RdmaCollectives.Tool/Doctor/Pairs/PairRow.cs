namespace RdmaCollectives.Tool.Doctor.Pairs;

/// <summary>What was measured between two ranks.</summary>
internal sealed record PairRow
{
    public required int Low { get; init; }

    public required int High { get; init; }

    /// <summary>shm, tcp or verbs.</summary>
    public required string Transport { get; init; }

    /// <summary>Half of the median round trip of 8 bytes.</summary>
    public required double LatencyUs { get; init; }

    /// <summary>1 MiB at a time from the lower rank to the higher.</summary>
    public required double ForwardGBps { get; init; }

    /// <summary>From the higher rank to the lower.</summary>
    public required double BackwardGBps { get; init; }

    /// <summary>Marked by <see cref="SlowPairs"/>.</summary>
    public bool IsSlow { get; init; }

    /// <summary>The direction that is worse.</summary>
    internal double WorseGBps => Math.Min(ForwardGBps, BackwardGBps);

    /// <summary>The better of two measurements, each value by itself: what else runs on a host makes one slower, and none quicker.</summary>
    public PairRow BestOf(PairRow other) => this with
    {
        LatencyUs = Math.Min(LatencyUs, other.LatencyUs),
        ForwardGBps = Math.Max(ForwardGBps, other.ForwardGBps),
        BackwardGBps = Math.Max(BackwardGBps, other.BackwardGBps),
    };
}
