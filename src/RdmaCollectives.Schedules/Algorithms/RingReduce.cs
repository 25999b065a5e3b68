namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Reduce along a chain that ends at the root: chunk after chunk passes through all ranks, each of which adds its part. Every rank sends the buffer once, and all work at the same time, on different chunks: for large messages.
/// </summary>
/// <remarks>
/// <para>The chain begins behind the root and goes once around; the buffer has as many chunks as there are ranks, at most 32. For each chunk:</para>
/// <code>
/// first rank      Send
/// between         ReceiveReduceSend
/// root            ReceiveReduce: final
/// </code>
/// <para>The order of reduction is from the rank behind the root around to the root: not rank order. Nothing is stored but the result, in a chunk that the root has not sent. A FIFO holds one message.</para>
/// <para>Cost with c chunks: (n - 2 + c) (alpha + (beta + gamma) S/c). A rank sends one buffer, the root none.</para>
/// </remarks>
public sealed class RingReduce : ChannelSchedule
{
    private RingReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static RingReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "ring";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.Reduce;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => Pipelining.ChainPieces(shape);

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => ChannelChunks(shape);

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        int chunk = (channel * ChannelChunks(shape)) + index;
        int place = (rank + n - 1 - shape.Root) % n;
        int to = (rank + 1) % n;
        int from = (rank + n - 1) % n;
        return n == 1 ? Step.Copy(channel, chunk, StepBuffer.Input, chunk, StepBuffer.Output, isFinal: true)
            : place == 0 ? Step.Send(channel, chunk, to)
            : place < n - 1 ? Step.ReceiveReduceSend(channel, chunk, from, to)
            : Step.ReceiveReduce(channel, chunk, from, isFinal: true);
    }
}
