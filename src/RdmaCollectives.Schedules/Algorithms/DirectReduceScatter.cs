namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Reduce-scatter in one hop: every rank gets its block from every other rank and reduces all of them itself, in rank order. Each rank sends n-1 blocks, as in any reduce-scatter, but in n-1 messages and
/// over as many connections: the choice for few ranks and tiny messages, and for reducers that do not commute.
/// </summary>
/// <remarks>
/// <para>Rank r:</para>
/// <code>
/// Copy                    own part of the own block to scratch
/// Send    n-1 times       block d to rank d, d = r+1, r+2, ..., so that the ranks do not all aim at one
/// then output = in0 (+) in1 (+) ... (+) in(n-1), from left to right, in rank order, each as it arrives
/// </code>
/// <para>The copy is for operations in place, where the growing result lies over the own part before its turn comes. Nobody else reads that block there, so nothing is overwritten. One credit.</para>
/// <para>Cost: 1 hop, n-1 messages and blocks sent and reduced: alpha + (n-1) (beta + gamma) block.</para>
/// </remarks>
public sealed class DirectReduceScatter : BlockSchedule
{
    private DirectReduceScatter()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static DirectReduceScatter Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "direct";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.ReduceScatter;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.RankOrdered | ScheduleTraits.VariableBlocks;

    private protected override int ChannelSteps(in Shape shape, int rank) => shape.Ranks == 1 ? 1 : shape.Ranks + RankOrderReduction.Count(shape.Ranks, rank);

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

        return RankOrderReduction.At(n, rank, new StepRange(0, rank), index - n);
    }
}
