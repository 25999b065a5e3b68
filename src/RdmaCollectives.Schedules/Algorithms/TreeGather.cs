namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Gather up a binomial tree: a rank collects the blocks of its subtree and sends them to its parent as one message. The root takes ceil(log2 n) messages instead of n-1, and blocks go over several ranks: the choice for small
/// blocks.
/// </summary>
/// <remarks>
/// <para>Positions in the tree are distances from the root (see <see cref="KnomialTree"/>), so a subtree is a cyclic range of ranks that begins with its own root, and so are its blocks:</para>
/// <code>
/// the root      Copy                     own block to the output
///               Receive   per child      the blocks of its subtree to the output, the nearest child first
/// inner ranks   Copy                     own block to scratch
///               Receive   per child      the blocks of its subtree to scratch, the nearest child first
///               Send                     all of them to the parent
/// leaves        Send                     own block to the parent
/// </code>
/// <para>The nearest child has the smallest subtree and is done first. A block is under its own number everywhere. Every chunk is stored once, so nothing is overwritten. One credit.</para>
/// <para>Cost: at most ceil(log2 n) hops; n-1 blocks come in at the root, and the root's busiest child sends up to n/2 of them: ceil(log2 n) alpha + (n-1) beta block.</para>
/// <para>Source: Thakur, Rabenseifner and Gropp, Optimization of collective communication operations in MPICH, IJHPCA 2005.</para>
/// </remarks>
public sealed class TreeGather : BlockSchedule
{
    private TreeGather()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static TreeGather Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "tree";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.Gather;

    /// <inheritdoc/>
    public override int MessageChunks(in Shape shape) => Doubling.GreatestReach(shape.Ranks);

    private protected override int ChannelSteps(in Shape shape, int rank)
    {
        int children = new KnomialTree(shape.Ranks).ChildCount(Cyclic.Behind(rank, shape.Root, shape.Ranks));
        return rank == shape.Root ? children + 1 : children == 0 ? 1 : children + 2;
    }

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        var tree = new KnomialTree(n);
        int position = Cyclic.Behind(rank, shape.Root, n);
        int children = tree.ChildCount(position);
        StepBuffer collected = position == 0 ? StepBuffer.Output : children == 0 ? StepBuffer.Input : StepBuffer.Scratch;
        if (index == ChannelSteps(shape, rank) - 1 && position != 0)
        {
            return Step.Send(0, rank, Cyclic.Ahead(shape.Root, tree.Parent(position), n), collected, tree.SubtreeSize(position));
        }

        if (index == 0)
        {
            return Step.Copy(0, rank, StepBuffer.Input, rank, collected);
        }

        int child = tree.Child(position, index - 1);
        int from = Cyclic.Ahead(shape.Root, child, n);
        return Step.Receive(0, from, from, collected, tree.SubtreeSize(child));
    }
}
