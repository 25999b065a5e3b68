namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-gather around a ring: every block travels from its rank to the next, n-1 times, and every rank that it passes stores it. Each rank sends n-1 blocks, which is the least that an
/// all-gather can send, to one neighbour only: the choice for large messages.
/// </summary>
/// <remarks>
/// <para>Rank r, per channel; a block has a piece for each channel:</para>
/// <code>
/// Copy                          own block to the output
/// Send                          own block to r+1
/// ReceiveCopySend   n-2 times   blocks r-1, r-2, ... from r-1 to r+1
/// Receive                       the last one, block r+1
/// </code>
/// <para>Every chunk of the output is stored once, so nothing is overwritten. From three ranks on a rank holds the message that it works on until there is room for the next
/// one, and all do so at the same time: two credits.</para>
/// <para>Cost: n-1 hops, n-1 blocks sent, (n-1) (alpha + beta block).</para>
/// <para>Source: Chan, Heimlich, Purkayastha and van de Geijn, Collective communication: theory, practice, and experience, CCPE 2007.</para>
/// </remarks>
public sealed class RingAllGather : BlockSchedule
{
    private RingAllGather()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static RingAllGather Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "ring";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllGather;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.VariableBlocks;

    /// <inheritdoc/>
    public override bool Supports(in Shape shape) => true;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => Math.Min(shape.Ranks - 1, 2);

    private protected override int ChannelSteps(in Shape shape, int rank) => shape.Ranks == 1 ? 1 : shape.Ranks + 1;

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        int chunk = (Cyclic.Behind(rank, Math.Max(0, index - 1), n) * shape.Channels) + channel;
        int from = Cyclic.Behind(rank, 1, n);
        int to = Cyclic.Ahead(rank, 1, n);
        return index == 0 ? Step.Copy(channel, chunk, StepBuffer.Input, chunk, StepBuffer.Output)
            : index == 1 ? Step.Send(channel, chunk, to)
            : index < n ? Step.ReceiveCopySend(channel, chunk, from, to)
            : Step.Receive(channel, chunk, from);
    }
}
