namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Broadcast over a k-nomial tree with its root at the root. Radix 2 is the binomial tree: as many ranks have the value after each hop as twice those before. Radix 4 has half the hops, with three
/// sends in a row from the same rank, which costs less where a message takes long to arrive and little to send. For small messages.
/// </summary>
/// <remarks>
/// <para>The tree is over the places behind the root, around. Rank r:</para>
/// <code>
/// root            Copy to its own output, Send to each child, the largest subtree first
/// no children     Receive
/// children        ReceiveCopySend to the first child, Send to the others
/// </code>
/// <para>The root copies before it sends, so in place, where the copy changes nothing, nothing is stored to that is being read. Each FIFO has one message.</para>
/// <para>Cost, radix k: log_k n, rounded up, times (alpha + (k-1) beta S). The root sends (k-1) log_k n buffers, rounded up.</para>
/// </remarks>
public sealed class KnomialBroadcast : ChannelSchedule
{
    private readonly int _radix;

    private KnomialBroadcast(string name, int radix)
    {
        Name = name;
        _radix = radix;
    }

    /// <summary>The binomial tree, <c>tree</c>; it holds no state.</summary>
    public static KnomialBroadcast Binomial { get; } = new("tree", 2);

    /// <summary>The tree of radix 4, <c>tree-4</c>; it holds no state.</summary>
    public static KnomialBroadcast Radix4 { get; } = new("tree-4", 4);

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.Broadcast;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    protected override int ChannelChunks(in Shape shape) => 1;

    /// <inheritdoc/>
    protected override int ChannelSteps(in Shape shape, int rank) => (rank == shape.Root ? 1 : 0) + TreeSteps.DownCount(TreeOf(shape), rank);

    /// <inheritdoc/>
    protected override Step ChannelStep(in Shape shape, int rank, int channel, int index) =>
        rank != shape.Root ? TreeSteps.Down(TreeOf(shape), rank, new StepRange(channel, channel), index)
        : index == 0 ? Step.Copy(channel, channel, StepBuffer.Input, channel, StepBuffer.Output)
        : TreeSteps.Down(TreeOf(shape), rank, new StepRange(channel, channel), index - 1);

    private RootedTree TreeOf(in Shape shape) => new(new KnomialTree(shape.Ranks, _radix), shape.Root);
}
