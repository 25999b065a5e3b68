namespace RdmaCollectives;

/// <summary>What can be said about one call. The default says nothing: the communicator's own values hold.</summary>
public readonly record struct OperationOptions
{
    /// <summary>
    /// What faults, the flight recorder and its dumps call this call besides its kind, type and size (<c>"gradients/layer3"</c>); null: nothing. Each rank's own: ranks need not agree on it. Other ranks are told its
    /// first 63 bytes (UTF-8). Of small all-reduces that a group fuses into one, and of its sends and receives, the first one's holds. Costs nothing but the string.
    /// </summary>
    /// <exception cref="ArgumentException">By the call: it is empty or has control characters.</exception>
    public string? Name { get; init; }

    /// <summary>How long this call may take before it becomes a fault of the communicator with reason <see cref="Error.Timeout"/>; zero: <see cref="CommunicatorOptions.Timeout"/>.</summary>
    public TimeSpan Deadline { get; init; }

    /// <summary>The algorithm to use, by the name that docs/algorithms.md gives it (<c>ring</c>) or that a schedule of <see cref="CommunicatorOptions.Schedules"/> has; null: chosen by size. The same on all ranks.</summary>
    public string? Algorithm { get; init; }

    /// <summary>
    /// Reduce in the fixed tree over the ranks, so that the result's bits do not depend on size, chunks, channels, transport or hosts (docs/numerics.md). Also on where
    /// <see cref="CommunicatorOptions.BitExact"/> is. The same on all ranks.
    /// </summary>
    public bool BitExact { get; init; }
}
