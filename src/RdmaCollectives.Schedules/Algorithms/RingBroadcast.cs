namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Broadcast along a chain that begins at the root: chunk after chunk passes through all ranks. Every rank sends the buffer once, and all work at the same time, on different chunks: for large messages.
/// </summary>
/// <remarks>
/// <para>The chain goes once around; the buffer has as many chunks as there are ranks, at most 32. For each chunk:</para>
/// <code>
/// root            Send, Copy to its own output
/// between         ReceiveCopySend
/// last rank       Receive
/// </code>
/// <para>In place the copy changes nothing. A FIFO holds one message.</para>
/// <para>Cost with c chunks: (n - 2 + c) (alpha + beta S/c). A rank sends one buffer, the last one none.</para>
/// </remarks>
public sealed class RingBroadcast : ChannelSchedule
{
    private RingBroadcast()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static RingBroadcast Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "ring";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.Broadcast;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => Pipelining.ChainPieces(shape);

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => rank == shape.Root && shape.Ranks > 1 ? 2 * ChannelChunks(shape) : ChannelChunks(shape);

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        int first = channel * ChannelChunks(shape);
        int place = (rank + n - shape.Root) % n;
        int to = (rank + 1) % n;
        int from = (rank + n - 1) % n;
        if (place == 0)
        {
            int chunk = first + (n == 1 ? index : index / 2);
            return n > 1 && index % 2 == 0 ? Step.Send(channel, chunk, to) : Step.Copy(channel, chunk, StepBuffer.Input, chunk, StepBuffer.Output);
        }

        return place < n - 1 ? Step.ReceiveCopySend(channel, first + index, from, to) : Step.Receive(channel, first + index, from);
    }
}
