namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Reduce-scatter in one hop, in the fixed tree of the bit-exact mode (<see cref="FixedTree"/>): every rank gets its block from every other rank and reduces all of them itself.
/// It costs what <see cref="DirectReduceScatter"/> costs, and working memory for partial results: log2 n blocks.
/// </summary>
/// <remarks>
/// <para>Rank r:</para>
/// <code>
/// Copy                    own part of the own block to scratch
/// Send    n-1 times       block d to rank d, d = r+1, r+2, ..., so that the ranks do not all aim at one
/// then output = the fixed tree over in0, in1, ..., in(n-1), each as it arrives
/// </code>
/// <para>Beside the own part, scratch memory holds one partial sum per level of the tree, each a plane of which one block is in use. The copy is for operations in place, as in <see cref="DirectReduceScatter"/>. Nothing is sent from where
/// partial sums are, and nobody else reads the own block of the input: nothing is overwritten. One credit.</para>
/// <para>Cost: 1 hop, n-1 messages and blocks sent and reduced, and about n/2 copies.</para>
/// </remarks>
public sealed class FixedDirectReduceScatter : BlockSchedule
{
    private FixedDirectReduceScatter()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static FixedDirectReduceScatter Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "direct-fixed";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.ReduceScatter;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.RankOrdered | ScheduleTraits.FixedTree | ScheduleTraits.VariableBlocks;

    /// <inheritdoc/>
    public override int ScratchPlanes(in Shape shape) => ReductionOf(shape).Planes;

    private protected override int ChannelSteps(in Shape shape, int rank) => shape.Ranks == 1 ? 1 : shape.Ranks + ReductionOf(shape).Count;

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        if (index == 0)
        {
            return n == 1 ? Step.Copy(0, 0, StepBuffer.Input, 0, StepBuffer.Output, isFinal: true)
                : Step.Copy(0, rank, StepBuffer.Input, rank, StepBuffer.Scratch);
        }

        if (index < n)
        {
            int to = Cyclic.Ahead(rank, index, n);
            return Step.Send(0, to, to);
        }

        return ReductionOf(shape).At(rank, new StepRange(0, rank), index - n);
    }

    private static FixedTreeReduction ReductionOf(in Shape shape) => new(new FoldedTree(shape.Ranks), PlaneChunks: shape.Ranks);
}
