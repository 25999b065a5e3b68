namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-reduce over one tree: sums go up to rank 0, the result comes down again. 2 log2 n hops with few messages: a leaf, which every second rank is, sends one. For small messages where a message costs the sender much.
/// </summary>
/// <remarks>
/// <para>The tree is the fixed tree, which is the binomial tree for powers of two. Rank r:</para>
/// <code>
/// no children     Send                                the input goes up
/// children        ReceiveReduce, for all but the last, ReceiveReduceSend for the last; the root stores: final
/// down            ReceiveCopySend or Receive, then Send to the other children, the largest subtree first
/// </code>
/// <para>Children are higher ranks, and come in on the right in rank order. Partial sums are kept in the output;
/// a rank touches what it sent up again only when the result comes down, which needs that message: safe in place. Each FIFO holds one message at a time.</para>
/// <para>Cost: about 2 h alpha + h (2 beta + gamma) S, with h the tree's height, log2 n rounded up. The root sends h buffers, most ranks one or two. Source: Chan, Heimlich, Purkayastha and van de Geijn, Collective communication: theory, practice, and
/// experience, CCPE 2007.</para>
/// </remarks>
public sealed class TreeAllReduce : ChannelSchedule
{
    private TreeAllReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static TreeAllReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "tree";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllReduce;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.RankOrdered | ScheduleTraits.FixedTree;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => 1;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank)
    {
        var tree = new FoldedTree(shape.Ranks);
        return TreeSteps.UpCount(tree, rank) + TreeSteps.DownCount(tree, rank);
    }

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        var tree = new FoldedTree(shape.Ranks);
        var range = new StepRange(channel, channel);
        int up = TreeSteps.UpCount(tree, rank);
        return index < up ? TreeSteps.Up(tree, rank, range, index, StepBuffer.Output) : TreeSteps.Down(tree, rank, range, index - up);
    }
}
