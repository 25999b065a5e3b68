namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Scatter down a binomial tree: a rank receives the blocks of its subtree as one message and sends each child those of the child's. The root gives ceil(log2 n) messages instead of n-1, and blocks go over several ranks: the
/// choice for small blocks.
/// </summary>
/// <remarks>
/// <para>Positions in the tree are distances from the root (see <see cref="KnomialTree"/>), so a subtree is a cyclic range of ranks that begins with its own root, and so are its blocks:</para>
/// <code>
/// the root      Send      per child      the blocks of its subtree from the input, the farthest child first
///               Copy                     own block to the output
/// inner ranks   Receive                  the blocks of the subtree to scratch
///               Send      per child      the blocks of its subtree from scratch, the farthest child first
///               Copy                     own block to the output
/// leaves        Receive                  own block to the output
/// </code>
/// <para>The farthest child has the largest subtree and the longest way to go. A block is under its own number everywhere. Every chunk is stored once, so nothing is overwritten. One credit.</para>
/// <para>Cost: at most ceil(log2 n) hops, n-1 blocks sent by the root: ceil(log2 n) alpha + (n-1) beta block.</para>
/// <para>Source: Thakur, Rabenseifner and Gropp, Optimization of collective communication operations in MPICH, IJHPCA 2005.</para>
/// </remarks>
public sealed class TreeScatter : BlockSchedule
{
    private TreeScatter()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static TreeScatter Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "tree";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.Scatter;

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
        StepBuffer given = position == 0 ? StepBuffer.Input : children == 0 ? StepBuffer.Output : StepBuffer.Scratch;
        if (index == 0 && position != 0)
        {
            return Step.Receive(0, rank, Cyclic.Ahead(shape.Root, tree.Parent(position), n), given, tree.SubtreeSize(position));
        }

        int sent = index - (position == 0 ? 0 : 1);
        if (sent == children)
        {
            return Step.Copy(0, rank, given, rank, StepBuffer.Output);
        }

        int child = tree.Child(position, children - 1 - sent);
        int to = Cyclic.Ahead(shape.Root, child, n);
        return Step.Send(0, to, to, given, tree.SubtreeSize(child));
    }
}
