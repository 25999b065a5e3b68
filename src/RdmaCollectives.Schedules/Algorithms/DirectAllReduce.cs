namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-reduce in one hop: every rank sends its whole input to every other rank and reduces all inputs itself. Each rank sends n-1 whole buffers, so it is
/// the choice for tiny messages, where the latency of one hop is all that counts.
/// </summary>
/// <remarks>
/// <para>Rank r, per channel:</para>
/// <code>
/// Copy                 own input to scratch, and all sends read it there
/// Send    n-1 times    to r+1, r+2, ..., so that the ranks do not all aim at one
/// then output = in0 (+) in1 (+) ... (+) in(n-1), from left to right, in rank order, each as it arrives
/// </code>
/// <para>Every rank computes the same expression, so all hold the same bits, and reducers that do not commute are served. Where own input has its turn first or is
/// already to the left, the steps carry <see cref="Step.IsOwnLeft"/>. The copy is what makes it safe in place: nothing tells a rank that the others
/// have read its message before it stores its result, so what the others read must not be the output. It costs one copy of a tiny message.</para>
/// </remarks>
public sealed class DirectAllReduce : ChannelSchedule
{
    private DirectAllReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static DirectAllReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "direct";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllReduce;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.RankOrdered;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => 1;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => shape.Ranks == 1 ? 1 : shape.Ranks + RankOrderReduction.Count(shape.Ranks, rank);

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        return n == 1 ? Step.Copy(channel, channel, StepBuffer.Input, channel, StepBuffer.Output, isFinal: true)
            : index == 0 ? Step.Copy(channel, channel, StepBuffer.Input, channel, StepBuffer.Scratch)
            : index < n ? Step.Send(channel, channel, (rank + index) % n, StepBuffer.Scratch)
            : RankOrderReduction.At(n, rank, new StepRange(channel, channel), index - n);
    }
}
