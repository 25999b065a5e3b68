namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-reduce in one hop: every rank sends its whole input to every other rank and reduces all inputs itself. Each rank sends n-1 whole buffers, so it is
/// the choice for tiny messages, where the latency of one hop is all that counts.
/// </summary>
/// <remarks>
/// <para>Rank r, per channel:</para>
/// <code>
/// Copy                 own input to scratch, and all sends read it there
/// Send    n-1 times    to r+1, r+2, ..., so that the ranks do not all aim at one
/// then output = in0 (+) in1 (+) ... (+) in(n-1), from left to right, in rank order, each as it arrives
/// </code>
/// <para>Every rank computes the same expression, so all hold the same bits, and reducers that do not commute are served. Where own input has its turn first or is
/// already to the left, the steps carry <see cref="Step.IsOwnLeft"/>. The copy is what makes it safe in place: nothing tells a rank that the others
/// have read its message before it stores its result, so what the others read must not be the output. It costs one copy of a tiny message.</para>
/// </remarks>
public sealed class DirectAllReduce : ISchedule
{
    private DirectAllReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static DirectAllReduce Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "direct";

    /// <inheritdoc/>
    public CollectiveKind Collective => CollectiveKind.AllReduce;

    /// <inheritdoc/>
    public int ChunkCount(in Shape shape) => shape.Channels;

    /// <inheritdoc/>
    public int ChannelOf(in Shape shape, int chunk) => chunk;

    /// <inheritdoc/>
    public int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    public int StepCount(in Shape shape, int rank) => StepsPerChannel(shape.Ranks, rank) * shape.Channels;

    /// <inheritdoc/>
    public Step GetStep(in Shape shape, int rank, int index)
    {
        int n = shape.Ranks;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)rank, (uint)n, nameof(rank));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StepCount(shape, rank), nameof(index));

        int channel = index % shape.Channels;
        int i = index / shape.Channels;
        return n == 1 ? Step.Copy(channel, channel, StepBuffer.Input, channel, StepBuffer.Output, isFinal: true)
            : i == 0 ? Step.Copy(channel, channel, StepBuffer.Input, channel, StepBuffer.Scratch)
            : i < n ? Step.Send(channel, channel, (rank + i) % n, StepBuffer.Scratch)
            : Gather(channel, n, rank, i - n);
    }

    /// <summary>
    /// Step <paramref name="j"/> of the reduction in rank order. The first operand pair of ranks 0 and 1 is own and a received one: one step. Every other rank
    /// first takes in0, and has a local step at its own turn: one step more.
    /// </summary>
    private static Step Gather(int channel, int n, int rank, int j)
    {
        bool isFinal = j == GatherCount(n, rank) - 1;
        if (rank >= 2)
        {
            return j == 0 ? Step.Receive(channel, channel, 0)
                : j == rank ? Step.Reduce(channel, channel, StepBuffer.Scratch, channel, StepBuffer.Output, isFinal)
                : Step.ReceiveReduce(channel, channel, j, StepBuffer.Output, StepBuffer.Output, isFinal, isOwnLeft: true);
        }

        return j > 0 ? Step.ReceiveReduce(channel, channel, j + 1, StepBuffer.Output, StepBuffer.Output, isFinal, isOwnLeft: true)
            : rank == 0 ? Step.ReceiveReduce(channel, channel, 1, StepBuffer.Scratch, StepBuffer.Output, isFinal, isOwnLeft: true)
            : Step.ReceiveReduce(channel, channel, 0, StepBuffer.Scratch, StepBuffer.Output, isFinal);
    }

    private static int GatherCount(int ranks, int rank) => rank < 2 ? ranks - 1 : ranks;

    private static int StepsPerChannel(int ranks, int rank) => ranks == 1 ? 1 : ranks + GatherCount(ranks, rank);
}
