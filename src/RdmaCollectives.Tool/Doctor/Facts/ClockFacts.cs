namespace RdmaCollectives.Tool.Doctor.Facts;

/// <summary>The wall clock of a host, beside that of rank 0's.</summary>
internal sealed record ClockFacts
{
    /// <summary>When the facts were gathered, by this host's clock.</summary>
    public required DateTime Utc { get; init; }

    /// <summary>How far this clock is ahead of rank 0's; null where nobody has compared them.</summary>
    public double? AheadSeconds { get; init; }

    /// <summary>What <see cref="AheadSeconds"/> may be wrong by: half of the round trip that it was measured with.</summary>
    public double? UncertaintySeconds { get; init; }
}
