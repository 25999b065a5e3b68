namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-gather in one hop: every rank sends its block to every other rank. Each rank sends n-1 blocks, as in any all-gather, but in n-1 messages and over as many connections: the
/// choice for few ranks and tiny messages, and inside a host.
/// </summary>
/// <remarks>
/// <para>Rank r:</para>
/// <code>
/// Copy                     own block to the output
/// Send      n-1 times      own block to r+1, r+2, ..., so that the ranks do not all aim at one
/// Receive   n-1 times      from r-1, r-2, ..., in the order in which they aim at this one
/// </code>
/// <para>Every chunk of the output is stored once, so nothing is overwritten. One credit.</para>
/// <para>Cost: 1 hop, n-1 messages and blocks sent: alpha + (n-1) beta block.</para>
/// </remarks>
public sealed class DirectAllGather : BlockSchedule
{
    private DirectAllGather()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static DirectAllGather Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "direct";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllGather;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.VariableBlocks;

    private protected override int ChannelSteps(in Shape shape, int rank) => (2 * shape.Ranks) - 1;

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        if (index == 0)
        {
            return Step.Copy(0, rank, StepBuffer.Input, rank, StepBuffer.Output);
        }

        if (index < n)
        {
            return Step.Send(0, rank, Cyclic.Ahead(rank, index, n));
        }

        int from = Cyclic.Behind(rank, index - n + 1, n);
        return Step.Receive(0, from, from);
    }
}
