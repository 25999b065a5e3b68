namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Reduce over the binomial tree with its root at the root: log2 n hops of the whole buffer, and no rank sends more than one: for small messages.
/// </summary>
/// <remarks>
/// <para>The tree is over the places behind the root, around. Rank r:</para>
/// <code>
/// no children     Send
/// children        ReceiveReduce, for all but the last, ReceiveReduceSend for the last; the root stores: final
/// </code>
/// <para>Places are not ranks, unless the root is 0, so the order of reduction is not rank order: reducers that do not commute go by <see cref="FixedTreeReduce"/> or <see cref="DirectReduce"/>. Ranks other than the root keep partial
/// sums in scratch memory, as they have no output. Nothing that was sent is stored to. Each FIFO has one message.</para>
/// <para>Cost: log2 n, rounded up, times (alpha + (beta + gamma) S). A rank sends one buffer, the root none.</para>
/// </remarks>
public sealed class TreeReduce : ChannelSchedule
{
    private TreeReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static TreeReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "tree";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.Reduce;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => 1;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => TreeSteps.UpCount(TreeOf(shape), rank);

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index) =>
        TreeSteps.Up(TreeOf(shape), rank, new StepRange(channel, channel), index, rank == shape.Root ? StepBuffer.Output : StepBuffer.Scratch);

    private static RootedTree TreeOf(in Shape shape) => new(new KnomialTree(shape.Ranks), shape.Root);
}
