namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Reduce in one hop: every rank sends its input to the root, which reduces all of them in rank order. For tiny messages and few ranks, and for reducers that do not commute.
/// </summary>
/// <remarks>
/// <code>
/// other ranks     Send
/// root            Copy own input to scratch; output = in0 (+) in1 (+) ... (+) in(n-1), from left to right, each as it arrives
/// </code>
/// <para>The root's own input may have its turn in the middle, while the output is already being built: hence the copy, which makes it safe in place. Each FIFO has one message.</para>
/// <para>Cost: alpha + (n-1) (beta + gamma) S, all of it at the root. The other ranks send one buffer each.</para>
/// </remarks>
public sealed class DirectReduce : ChannelSchedule
{
    private DirectReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static DirectReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "direct";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.Reduce;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.RankOrdered;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => 1;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => rank != shape.Root || shape.Ranks == 1 ? 1 : 1 + RankOrderReduction.Count(shape.Ranks, rank);

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index) =>
        shape.Ranks == 1 ? Step.Copy(channel, channel, StepBuffer.Input, channel, StepBuffer.Output, isFinal: true)
        : rank != shape.Root ? Step.Send(channel, channel, shape.Root)
        : index == 0 ? Step.Copy(channel, channel, StepBuffer.Input, channel, StepBuffer.Scratch)
        : RankOrderReduction.At(shape.Ranks, rank, new StepRange(channel, channel), index - 1);
}
