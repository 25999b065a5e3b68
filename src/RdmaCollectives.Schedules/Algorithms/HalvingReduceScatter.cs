namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Reduce-scatter by exchanges over distances n/2, n/4, ..., 1: in each, a rank and its partner give each other the half of the blocks that the other one goes on with. With a power of two of ranks log2 n hops
/// and n-1 blocks sent: the choice for small and medium messages there. Any other number of ranks costs up to two hops and 4n/3 reductions more.
/// </summary>
/// <remarks>
/// <para>Where n is not a power of two, the first ranks are folded in pairs, which leaves p operands (see <see cref="FoldedTree"/>): rank 2i+1 sends its whole input to rank 2i, which acts for both, and receives its
/// block when that is done. A rank r that has operand v:</para>
/// <code>
/// ReceiveReduce                         all n blocks of rank r+1, if that is folded, with its own to scratch
/// Send, ReceiveReduce   log2 p times    with operand v ^ d, d = p/2, ..., 1: the blocks of the d operands around the partner,
///                                       for those of the d operands around v, which are reduced into scratch; the last to the output
/// Send, Copy                            block r+1 to rank r+1, if that is folded, and block r to the output
/// </code>
/// <para>The blocks of d aligned operands follow each other: one message, with the same blocks at both ends. The lower partner's part is on the left. Far ranks are combined before near ones, so the order is not that of ranks.
/// What is sent from scratch belongs to the partner from then on and is not stored to again; a folded rank gets its block over its input only after that was taken. One credit.</para>
/// <para>Cost, n = 2^k: log2 n hops, n-1 blocks sent and reduced. Else: up to floor(log2 n) + 2 hops, a folded rank sends n blocks, and one that acts for two reduces up to 7n/3.</para>
/// <para>Source: Thakur, Rabenseifner and Gropp, Optimization of collective communication operations in MPICH, IJHPCA 2005.</para>
/// </remarks>
public sealed class HalvingReduceScatter : BlockSchedule
{
    private HalvingReduceScatter()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static HalvingReduceScatter Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "halving";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.ReduceScatter;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.VariableBlocks;

    /// <inheritdoc/>
    public override int MessageChunks(in Shape shape)
    {
        var tree = new FoldedTree(shape.Ranks);
        return tree.Pairs > 0 ? shape.Ranks : Math.Max(1, tree.Operands / 2);
    }

    private protected override int ChannelSteps(in Shape shape, int rank)
    {
        var tree = new FoldedTree(shape.Ranks);
        return shape.Ranks == 1 ? 1
            : tree.IsFolded(rank) ? 2
            : (2 * tree.Levels) + (tree.Folds(rank) ? 3 : 0);
    }

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        var tree = new FoldedTree(n);
        if (n == 1)
        {
            return Step.Copy(0, 0, StepBuffer.Input, 0, StepBuffer.Output, isFinal: true);
        }

        if (tree.IsFolded(rank))
        {
            return index == 0 ? Step.Send(0, 0, rank - 1, count: n) : Step.Receive(0, rank, rank - 1);
        }

        if (!tree.Folds(rank))
        {
            return Exchange(tree, rank, index, index < 2 ? StepBuffer.Input : StepBuffer.Scratch, StepBuffer.Output);
        }

        int step = index - 1;
        return step < 0 ? Step.ReceiveReduce(0, 0, rank + 1, destination: StepBuffer.Scratch, isOwnLeft: true, count: n)
            : step < 2 * tree.Levels ? Exchange(tree, rank, step, StepBuffer.Scratch, StepBuffer.Scratch)
            : step == 2 * tree.Levels ? Step.Send(0, rank + 1, rank + 1, StepBuffer.Scratch)
            : Step.Copy(0, rank, StepBuffer.Scratch, rank, StepBuffer.Output);
    }

    /// <summary>An exchange: its even step sends, its odd one receives and reduces.</summary>
    private static Step Exchange(in FoldedTree tree, int rank, int step, StepBuffer source, StepBuffer last)
    {
        int operand = tree.OperandOf(rank);
        int distance = tree.Operands >> ((step / 2) + 1);
        int partner = operand ^ distance;
        int peer = tree.RankOf(partner);
        if (step % 2 == 0)
        {
            int given = partner & -distance;
            return Step.Send(0, tree.RankOf(given), peer, source, Blocks(tree, given, distance));
        }

        int kept = operand & -distance;
        bool isLast = distance == 1;
        return Step.ReceiveReduce(
            0, tree.RankOf(kept), peer, source, isLast ? last : StepBuffer.Scratch, isFinal: isLast, isOwnLeft: operand < partner, Blocks(tree, kept, distance));
    }

    // The blocks that the operands from one on stand for.
    private static int Blocks(in FoldedTree tree, int operand, int count) => tree.RankOf(operand + count) - tree.RankOf(operand);
}
