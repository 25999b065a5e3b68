namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Broadcast over a k-nomial tree with its root at the root. Radix 2 is the binomial tree: as many ranks have the value after each hop as twice those before. Radix 4 has half the hops, with three
/// sends in a row from the same rank, which costs less where a message takes long to arrive and little to send. For small messages.
/// </summary>
/// <remarks>
/// <para>The tree is over the places behind the root, around. Rank r:</para>
/// <code>
/// root            Send to each child, the largest subtree first; Copy to its own output
/// no children     Receive
/// children        ReceiveCopySend to the first child, Send to the others
/// </code>
/// <para>The root sends its input, and copies it to its output when all is sent; in place that copy changes nothing. Each FIFO has one message.</para>
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
    private protected override int ChannelChunks(in Shape shape) => 1;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => TreeSteps.BroadcastCount(TreeOf(shape), rank);

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index) =>
        TreeSteps.Broadcast(TreeOf(shape), rank, new StepRange(channel, channel), index);

    private RootedTree TreeOf(in Shape shape) => new(new KnomialTree(shape.Ranks, _radix), shape.Root);
}
