namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-gather in ceil(log2 n) messages for any number of ranks: what a rank holds is its own block and those behind it, and each message doubles that. Each rank sends n-1 blocks, which is the
/// least that an all-gather can send: the choice for small messages. Most of the blocks go over the longest distance; where that is dear, see <see cref="PatAllGather"/>.
/// </summary>
/// <remarks>
/// <para>Rank r:</para>
/// <code>
/// Copy                             own block to the output
/// Send, Receive   for d = 1, 2, 4, ... below n
///                                  blocks r, r+1, ..., as many as d but never more than the receiver lacks, to rank r-d
///                                  blocks r+d, r+d+1, ..., as many, from rank r+d
/// </code>
/// <para>In the usual form of the algorithm a rank's own block is in front of its buffer, and the blocks are rotated to their places at the end. Here a message is a cyclic range of the output: it lies in place from the
/// beginning, with the same blocks at both ends. Every chunk of the output is stored once, so nothing is overwritten. One credit: no two distances lead to the same rank.</para>
/// <para>Cost: ceil(log2 n) hops, n-1 blocks sent: ceil(log2 n) alpha + (n-1) beta block.</para>
/// <para>Source: Bruck, Ho, Kipnis, Upfal and Weathersby, Efficient algorithms for all-to-all communications in multiport message-passing systems, IEEE TPDS 1997.</para>
/// </remarks>
public sealed class BruckAllGather : BlockSchedule
{
    private BruckAllGather()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static BruckAllGather Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "bruck";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllGather;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.VariableBlocks;

    /// <inheritdoc/>
    public override int MessageChunks(in Shape shape) => Doubling.GreatestReach(shape.Ranks);

    private protected override int ChannelSteps(in Shape shape, int rank) => 1 + (2 * Doubling.Count(shape.Ranks));

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        if (index == 0)
        {
            return Step.Copy(0, rank, StepBuffer.Input, rank, StepBuffer.Output);
        }

        int distance = 1 << ((index - 1) / 2);
        int count = Doubling.Reach(distance, n);
        int ahead = Cyclic.Ahead(rank, distance, n);
        return index % 2 == 1 ? Step.Send(0, rank, Cyclic.Behind(rank, distance, n), StepBuffer.Output, count)
            : Step.Receive(0, ahead, ahead, count: count);
    }
}
