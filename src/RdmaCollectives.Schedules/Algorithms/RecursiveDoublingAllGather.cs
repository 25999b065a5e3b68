namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-gather by exchanges over distances 1, 2, 4, ...: after each, a rank and its partner hold the blocks of both. With a power of two of ranks log2 n hops and n-1 blocks sent, and both
/// partners of an exchange talk to nobody else meanwhile. Any other number costs up to two hops and 4n/3 blocks more; there <see cref="BruckAllGather"/> is the better choice.
/// </summary>
/// <remarks>
/// <para>Where n is not a power of two, the first ranks are folded in pairs, which leaves p operands (see <see cref="FoldedTree"/>): rank 2i+1 gives its block to rank 2i, which acts for both, and gets the others from there
/// in the end. A rank r that has operand v:</para>
/// <code>
/// Copy                           own block to the output
/// Receive                        block r+1, if rank r+1 is folded
/// Send, Receive   log2 p times   with operand v ^ 2^j: the blocks of the 2^j operands around v, for those around the partner
/// Send                           all but its own block to rank r+1, if that is folded
/// </code>
/// <para>The blocks of 2^j aligned operands follow each other: one message each, straight from output to output, with the same blocks at both ends. Every chunk of the output is stored once, so nothing is
/// overwritten. One credit.</para>
/// <para>Cost, n = 2^k: log2 n hops, n-1 blocks sent. Else: up to floor(log2 n) + 2 hops, and a rank that acts for two sends up to 7n/3 blocks.</para>
/// <para>Source: Thakur, Rabenseifner and Gropp, Optimization of collective communication operations in MPICH, IJHPCA 2005.</para>
/// </remarks>
public sealed class RecursiveDoublingAllGather : BlockSchedule
{
    private RecursiveDoublingAllGather()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static RecursiveDoublingAllGather Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "recursive-doubling";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllGather;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.VariableBlocks;

    /// <inheritdoc/>
    public override int MessageChunks(in Shape shape)
    {
        var tree = new FoldedTree(shape.Ranks);
        return tree.Pairs > 0 ? shape.Ranks - 1 : Math.Max(1, tree.Operands / 2);
    }

    private protected override int ChannelSteps(in Shape shape, int rank)
    {
        var tree = new FoldedTree(shape.Ranks);
        return tree.IsFolded(rank) ? 3 : 1 + (2 * tree.Levels) + (tree.Folds(rank) ? 2 : 0);
    }

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        var tree = new FoldedTree(n);
        if (index == 0)
        {
            return Step.Copy(0, rank, StepBuffer.Input, rank, StepBuffer.Output);
        }

        if (tree.IsFolded(rank))
        {
            return index == 1 ? Step.Send(0, rank, rank - 1)
                : Step.Receive(0, Cyclic.Ahead(rank, 1, n), rank - 1, count: n - 1);
        }

        bool folds = tree.Folds(rank);
        if (folds && index == 1)
        {
            return Step.Receive(0, rank + 1, rank + 1);
        }

        int step = index - (folds ? 2 : 1);
        return step < 2 * tree.Levels ? Exchange(tree, tree.OperandOf(rank), 1 << (step / 2), isSend: step % 2 == 0)
            : Step.Send(0, Cyclic.Ahead(rank, 2, n), rank + 1, StepBuffer.Output, count: n - 1);
    }

    private static Step Exchange(in FoldedTree tree, int operand, int width, bool isSend)
    {
        int partner = operand ^ width;
        int first = (isSend ? operand : partner) & -width;
        int peer = tree.RankOf(partner);
        int count = tree.RankOf(first + width) - tree.RankOf(first);
        return isSend ? Step.Send(0, tree.RankOf(first), peer, StepBuffer.Output, count)
            : Step.Receive(0, tree.RankOf(first), peer, count: count);
    }
}
