namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Scatter in one hop: the root sends every rank its block. Nothing is sent twice, and the root has n-1 messages to give: the choice for large blocks and few ranks.
/// </summary>
/// <remarks>
/// <code>
/// the root      Send   n-1 times    the blocks of root+1, root+2, ... from the input
///               Copy                own block to the output
/// other ranks   Receive             own block from the root
/// </code>
/// <para>The root stores nothing that it sends, so nothing is overwritten. One credit.</para>
/// <para>Cost: 1 hop, n-1 blocks sent by the root: alpha + (n-1) beta block.</para>
/// </remarks>
public sealed class DirectScatter : BlockSchedule
{
    private DirectScatter()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static DirectScatter Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "direct";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.Scatter;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.VariableBlocks;

    private protected override int ChannelSteps(in Shape shape, int rank) => rank == shape.Root ? shape.Ranks : 1;

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int to = Cyclic.Ahead(rank, index + 1, shape.Ranks);
        return rank != shape.Root ? Step.Receive(0, rank, shape.Root)
            : to == rank ? Step.Copy(0, rank, StepBuffer.Input, rank, StepBuffer.Output)
            : Step.Send(0, to, to);
    }
}
