namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>Broadcast in one hop: the root sends its input to every other rank. For tiny messages and few ranks.</summary>
/// <remarks>
/// <code>
/// root            Send n-1 times, to the rank behind it and so on, around; Copy to its own output
/// other ranks     Receive
/// </code>
/// <para>The root sends its input, and copies it to its output when all is sent; in place that copy changes nothing. Each FIFO has one message.</para>
/// <para>Cost: alpha + (n-1) beta S. The root sends n-1 buffers.</para>
/// </remarks>
public sealed class DirectBroadcast : ChannelSchedule
{
    private DirectBroadcast()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static DirectBroadcast Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "direct";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.Broadcast;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => 1;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => rank == shape.Root ? shape.Ranks : 1;

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index) =>
        rank != shape.Root ? Step.Receive(channel, channel, shape.Root)
        : index < shape.Ranks - 1 ? Step.Send(channel, channel, (rank + 1 + index) % shape.Ranks)
        : Step.Copy(channel, channel, StepBuffer.Input, channel, StepBuffer.Output);
}
