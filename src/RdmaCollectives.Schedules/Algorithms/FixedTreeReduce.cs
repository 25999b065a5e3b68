namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Reduce over the fixed tree, for any root: the sums go up to rank 0, and from there to the root. Rank order, and the bit-exact mode, in log2 n hops, and one more if the root is another rank.
/// </summary>
/// <remarks>
/// <para>As <see cref="TreeReduce"/>, over the fixed tree. If the root is not rank 0, then rank 0 sends the result on as it computes it, and the root has one step more:</para>
/// <code>
/// rank 0          ReceiveReduceSend from its last child to the root: final
/// root            Receive
/// </code>
/// <para>The root's output is stored to when the result comes, which needs what the root sent: safe in place. Each FIFO has one message.</para>
/// <para>Cost: log2 n, rounded up, times (alpha + (beta + gamma) S), and alpha + beta S for a root that is not 0. A rank sends one buffer.</para>
/// </remarks>
public sealed class FixedTreeReduce : ChannelSchedule
{
    private FixedTreeReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static FixedTreeReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "fixed-tree";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.Reduce;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.RankOrdered | ScheduleTraits.FixedTree;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => 1;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => TreeSteps.UpCount(new FoldedTree(shape.Ranks), rank) + (rank == shape.Root && rank != 0 ? 1 : 0);

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        var tree = new FoldedTree(shape.Ranks);
        if (index == TreeSteps.UpCount(tree, rank))
        {
            return Step.Receive(channel, channel, 0);
        }

        int handTo = shape.Root == 0 ? -1 : shape.Root;
        StepBuffer keep = rank == shape.Root ? StepBuffer.Output : StepBuffer.Scratch;
        return TreeSteps.Up(tree, rank, new StepRange(channel, channel), index, keep, handTo);
    }
}
