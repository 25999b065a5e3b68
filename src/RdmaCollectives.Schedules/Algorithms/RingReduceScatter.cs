namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Reduce-scatter around a ring: block b starts on rank b+1 and travels around to rank b, and every rank that it passes adds its part. Each rank sends n-1 blocks, which is the least that a
/// reduce-scatter can send, to one neighbour only: the choice for large messages.
/// </summary>
/// <remarks>
/// <para>Rank r, per channel; a block has a piece for each channel:</para>
/// <code>
/// Send                            block r-1 to r+1
/// ReceiveReduceSend   n-2 times   blocks r-2, r-3, ... from r-1 to r+1
/// ReceiveReduce                   block r: final, to the output
/// </code>
/// <para>Block b is reduced from left to right in the order b+1, ..., n-1, 0, ..., b. Only block n-1 has rank order, so reducers that do not commute need another schedule. Nothing but the own block is stored, in the last
/// step, and that was never sent: nothing is overwritten. From three ranks on a rank holds the message that it works on until there is room for the next one, and all do so at the same time: two credits.</para>
/// <para>Cost: n-1 hops, n-1 blocks sent and reduced, (n-1) (alpha + (beta + gamma) block).</para>
/// <para>Source: Patarasuk and Yuan, Bandwidth optimal all-reduce algorithms for clusters of workstations, JPDC 2009.</para>
/// </remarks>
public sealed class RingReduceScatter : BlockSchedule
{
    private RingReduceScatter()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static RingReduceScatter Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "ring";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.ReduceScatter;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.VariableBlocks;

    /// <inheritdoc/>
    public override bool Supports(in Shape shape) => true;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => Math.Min(shape.Ranks - 1, 2);

    private protected override int ChannelSteps(in Shape shape, int rank) => shape.Ranks;

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        int chunk = (Cyclic.Behind(rank, index + 1, n) * shape.Channels) + channel;
        int from = Cyclic.Behind(rank, 1, n);
        int to = Cyclic.Ahead(rank, 1, n);
        return n == 1 ? Step.Copy(channel, chunk, StepBuffer.Input, chunk, StepBuffer.Output, isFinal: true)
            : index == 0 ? Step.Send(channel, chunk, to)
            : index < n - 1 ? Step.ReceiveReduceSend(channel, chunk, from, to)
            : Step.ReceiveReduce(channel, chunk, from, isFinal: true);
    }
}
