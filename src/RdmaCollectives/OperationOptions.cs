namespace RdmaCollectives;

/// <summary>What can be said about one call. The default says nothing: the communicator's own values hold.</summary>
public readonly record struct OperationOptions
{
    /// <summary>How long this call may take before it becomes a fault of the communicator with reason <see cref="Error.Timeout"/>; zero: <see cref="CommunicatorOptions.Timeout"/>.</summary>
    public TimeSpan Deadline { get; init; }
}
