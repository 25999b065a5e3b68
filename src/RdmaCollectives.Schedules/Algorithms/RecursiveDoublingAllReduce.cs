namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-reduce by recursive doubling: pairs of ranks exchange what they have and both reduce it, over distances 1, 2, 4 and so on. log2 n hops of the whole buffer, and the result is the fixed tree: the
/// choice for small messages where ranks are too many for <c>direct</c>.
/// </summary>
/// <remarks>
/// <para>For p ranks, a power of two; level l is 0 .. log2 p - 1:</para>
/// <code>
/// Copy             input to scratch
/// level l          Send to the rank over distance 2^l, Copy to the next plane of scratch, ReceiveReduce there
/// the last level   Send, ReceiveReduce into the output: final
/// </code>
/// <para>For n ranks, p the largest power of two that is not above n, the first 2 (n-p) ranks are folded: rank 2i+1 sends its input to rank 2i, which plays for both and sends it the result in the end. That is up to two hops more.</para>
/// <para>Both ranks of a pair compute the same expression, the lower one's part on the left: all ranks hold the same bits, in the order of the fixed tree, so reducers that do not commute are served. Nothing tells a
/// rank that the other one has read its message, so what was sent is left alone: hence a plane of scratch memory for every level, and a copy. That costs little where the algorithm has its place, with
/// small messages. Each FIFO holds one message at a time.</para>
/// <para>Cost: log2 p (alpha + (beta + gamma) S), and 2 (alpha + beta S) + gamma S more if ranks are folded. A rank sends log2 p buffers, or one more.
/// Source: Thakur, Rabenseifner and Gropp, Optimization of collective communication operations in MPICH, IJHPCA 2005.</para>
/// </remarks>
public sealed class RecursiveDoublingAllReduce : ChannelSchedule
{
    private RecursiveDoublingAllReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static RecursiveDoublingAllReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "recursive-doubling";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllReduce;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.RankOrdered | ScheduleTraits.FixedTree;

    /// <inheritdoc/>
    public override int ScratchPlanes(in Shape shape) => Math.Max(1, new FoldedTree(shape.Ranks).Levels);

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => 1;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank)
    {
        var tree = new FoldedTree(shape.Ranks);
        return shape.Ranks == 1 ? 1
            : tree.IsFolded(rank) ? 2
            : (3 * tree.Levels) + (tree.Folds(rank) ? 2 : 0);
    }

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        var tree = new FoldedTree(shape.Ranks);
        if (shape.Ranks == 1)
        {
            return Step.Copy(channel, channel, StepBuffer.Input, channel, StepBuffer.Output, isFinal: true);
        }

        if (tree.IsFolded(rank))
        {
            return index == 0 ? Step.Send(channel, channel, rank - 1) : Step.Receive(channel, channel, rank - 1);
        }

        if (!tree.Folds(rank))
        {
            return Exchange(tree, shape.Channels, rank, channel, index, StepBuffer.Input);
        }

        return index == 0 ? Step.ReceiveReduce(channel, channel, rank + 1, isOwnLeft: true)
            : index <= 3 * tree.Levels ? Exchange(tree, shape.Channels, rank, channel, index - 1, StepBuffer.Output)
            : Step.Send(channel, channel, rank + 1, StepBuffer.Output);
    }

    /// <summary>Step <paramref name="i"/> of the copy and the exchanges among p ranks. The planes are used from the highest down, as the last step has its operand and its result at the same index: plane 0.</summary>
    private static Step Exchange(in FoldedTree tree, int channels, int rank, int channel, int i, StepBuffer start)
    {
        int level = i == 0 ? -1 : (i - 1) / 3;
        int chunk = ((tree.Levels - 1 - level) * channels) + channel;
        int next = chunk - channels;
        if (i == 0)
        {
            return Step.Copy(channel, channel, start, next, StepBuffer.Scratch);
        }

        int operand = tree.OperandOf(rank);
        int peer = tree.RankOf(operand ^ (1 << level));
        bool isLast = level == tree.Levels - 1;
        return (i - 1) % 3 == 0 ? Step.Send(channel, chunk, peer, StepBuffer.Scratch)
            : isLast ? Step.ReceiveReduce(channel, chunk, peer, StepBuffer.Scratch, StepBuffer.Output, isFinal: true, isOwnLeft: peer > rank)
            : (i - 1) % 3 == 1 ? Step.Copy(channel, chunk, StepBuffer.Scratch, next, StepBuffer.Scratch)
            : Step.ReceiveReduce(channel, next, peer, StepBuffer.Scratch, StepBuffer.Scratch, isOwnLeft: peer > rank);
    }
}
