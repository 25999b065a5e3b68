namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-reduce in one hop, as <see cref="DirectAllReduce"/>, with every rank reducing the inputs in the order of the fixed tree: for tiny messages in the bit-exact mode.
/// </summary>
/// <remarks>
/// <para>Rank r, per channel:</para>
/// <code>
/// Copy                 own input to scratch, and all sends read it there
/// Send    n-1 times    to r+1, r+2, ..., so that the ranks do not all aim at one
/// then output = the fixed tree over in0, in1, ..., in(n-1), each as it arrives
/// </code>
/// <para>Beside the own input, scratch memory holds one partial sum per level of the tree; every second operand of the tree is a left one, which is stored first, and is a step more than in rank order. All else is as
/// in <see cref="DirectAllReduce"/>: the copy makes it safe in place, each FIFO has one message.</para>
/// <para>Cost: alpha + (n-1) (beta + gamma) S, and about n/2 copies. A rank sends n-1 buffers.</para>
/// </remarks>
public sealed class FixedDirectAllReduce : ChannelSchedule
{
    private FixedDirectAllReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static FixedDirectAllReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "direct-fixed";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllReduce;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.RankOrdered | ScheduleTraits.FixedTree;

    /// <inheritdoc/>
    public override int ScratchPlanes(in Shape shape) => ReductionOf(shape).Planes;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => 1;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => shape.Ranks == 1 ? 1 : shape.Ranks + ReductionOf(shape).Count;

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        return n == 1 ? Step.Copy(channel, channel, StepBuffer.Input, channel, StepBuffer.Output, isFinal: true)
            : index == 0 ? Step.Copy(channel, channel, StepBuffer.Input, channel, StepBuffer.Scratch)
            : index < n ? Step.Send(channel, channel, (rank + index) % n, StepBuffer.Scratch)
            : ReductionOf(shape).At(rank, new StepRange(channel, channel), index - n);
    }

    private static FixedTreeReduction ReductionOf(in Shape shape) => new(new FoldedTree(shape.Ranks), PlaneChunks: shape.Channels);
}
