namespace RdmaCollectives;

/// <summary>One transport of a communicator: what it is, why it was chosen, and which ranks it goes to.</summary>
/// <param name="Name"><c>shm</c>, <c>tcp</c>, <c>verbs</c> or <c>loopback</c>.</param>
/// <param name="Description">The device, address or mechanism, in words.</param>
/// <param name="Peers">The ranks that are reached by it, ascending.</param>
public sealed record TransportInfo(string Name, string Description, IReadOnlyList<int> Peers)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} to rank {string.Join(", ", Peers)} ({Description})";
}
