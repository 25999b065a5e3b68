namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-reduce by halving and doubling (Rabenseifner): pairs of ranks halve what they are responsible for and reduce it, over distances 1, 2, 4 and so on, until every rank has one part of the result; then the parts
/// double on the way back. For powers of two no all-reduce can send less, and it takes 2 log2 n hops: the choice for middle sizes. The result is the fixed tree.
/// </summary>
/// <remarks>
/// <para>For p ranks, a power of two, with p chunks; level l is 0 .. log2 p - 1, and a rank whose bit l is set keeps the upper half of its range, else the lower:</para>
/// <code>
/// level l, up     Send the half that the rank over distance 2^l keeps, ReceiveReduce the own half
/// level l, down   Send what is complete, Receive the other half from the rank over distance 2^l; levels in reverse
/// </code>
/// <para>For n ranks, p the largest power of two that is not above n, the first 2 (n-p) ranks are folded: rank 2i+1 sends its input to rank 2i, which plays for both and sends it the result in the end.</para>
/// <para>Every chunk is reduced in one place, at level l neighbours over distance 2^l with the lower one on the left: the fixed tree, in rank order. A half that was sent is touched again only when its result arrives, which needs
/// that message, so it is safe in place without scratch memory. A message is a range of chunks; each FIFO holds one at a time.</para>
/// <para>Cost: 2 log2 p alpha + (p-1)/p (2 beta + gamma) S, and 2 (alpha + beta S) + gamma S more if ranks are folded. A rank sends 2 (p-1)/p buffers, or one more.
/// Source: Rabenseifner, Optimization of collective reduction operations, ICCS 2004.</para>
/// </remarks>
public sealed class HalvingDoublingAllReduce : ChannelSchedule
{
    private HalvingDoublingAllReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static HalvingDoublingAllReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "halving-doubling";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllReduce;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.RankOrdered | ScheduleTraits.FixedTree;

    /// <inheritdoc/>
    public override bool Supports(in Shape shape) => new FoldedTree(shape.Ranks).Operands <= Step.MaxCount;

    /// <inheritdoc/>
    public override int MessageChunks(in Shape shape)
    {
        var tree = new FoldedTree(shape.Ranks);
        return tree.Pairs > 0 ? tree.Operands : Math.Max(1, tree.Operands / 2);
    }

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => new FoldedTree(shape.Ranks).Operands;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank)
    {
        var tree = new FoldedTree(shape.Ranks);
        return shape.Ranks == 1 ? 1
            : tree.IsFolded(rank) ? 2
            : (4 * tree.Levels) + (tree.Folds(rank) ? 2 : 0);
    }

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        var tree = new FoldedTree(shape.Ranks);
        int chunks = tree.Operands;
        int first = channel * chunks;
        if (shape.Ranks == 1)
        {
            return Step.Copy(channel, first, StepBuffer.Input, first, StepBuffer.Output, isFinal: true);
        }

        if (tree.IsFolded(rank))
        {
            return index == 0 ? Step.Send(channel, first, rank - 1, count: chunks) : Step.Receive(channel, first, rank - 1, count: chunks);
        }

        if (!tree.Folds(rank))
        {
            return Exchange(tree, rank, channel, index, StepBuffer.Input);
        }

        return index == 0 ? Step.ReceiveReduce(channel, first, rank + 1, isOwnLeft: true, count: chunks)
            : index <= 4 * tree.Levels ? Exchange(tree, rank, channel, index - 1, StepBuffer.Output)
            : Step.Send(channel, first, rank + 1, StepBuffer.Output, chunks);
    }

    /// <summary>Step <paramref name="i"/> of the exchanges among p ranks: two per level up, two per level down.</summary>
    private static Step Exchange(in FoldedTree tree, int rank, int channel, int i, StepBuffer start)
    {
        bool isUp = i < 2 * tree.Levels;
        int level = isUp ? i / 2 : (2 * tree.Levels) - 1 - (i / 2);
        int operand = tree.OperandOf(rank);
        int peer = tree.RankOf(operand ^ (1 << level));
        int half = tree.Operands >> (level + 1);
        int own = (channel * tree.Operands) + FirstChunk(tree, operand, level);
        int other = own ^ half;
        StepBuffer source = level == 0 ? start : StepBuffer.Output;
        return (isUp, i % 2) switch
        {
            (true, 0) => Step.Send(channel, other, peer, source, half),
            (true, _) => Step.ReceiveReduce(channel, own, peer, source, StepBuffer.Output, isFinal: level == tree.Levels - 1, isOwnLeft: peer > rank, half),
            (false, 0) => Step.Send(channel, own, peer, StepBuffer.Output, half),
            (false, _) => Step.Receive(channel, other, peer, count: half),
        };
    }

    /// <summary>Where the range of an operand begins behind a level: bit 0 of the operand has chosen the half, bit 1 the quarter, and so on.</summary>
    private static int FirstChunk(in FoldedTree tree, int operand, int level)
    {
        int first = 0;
        for (int l = 0; l <= level; l++)
        {
            first += ((operand >> l) & 1) * (tree.Operands >> (l + 1));
        }

        return first;
    }
}
