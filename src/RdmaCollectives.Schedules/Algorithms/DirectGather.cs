namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Gather in one hop: every rank sends its block to the root. Nothing is sent twice, and the root has n-1 messages to take: the choice for large blocks and few ranks.
/// </summary>
/// <remarks>
/// <code>
/// the root      Copy                   own block to the output
///               Receive   n-1 times    the blocks of root+1, root+2, ... to the output
/// other ranks   Send                   own block to the root
/// </code>
/// <para>Every chunk of the output is stored once, so nothing is overwritten. One credit.</para>
/// <para>Cost: 1 hop, 1 block sent by a rank; n-1 blocks come in at the root: alpha + (n-1) beta block.</para>
/// </remarks>
public sealed class DirectGather : BlockSchedule
{
    private DirectGather()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static DirectGather Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "direct";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.Gather;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.VariableBlocks;

    private protected override int ChannelSteps(in Shape shape, int rank) => rank == shape.Root ? shape.Ranks : 1;

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int from = Cyclic.Ahead(rank, index, shape.Ranks);
        return rank != shape.Root ? Step.Send(0, rank, shape.Root)
            : index == 0 ? Step.Copy(0, rank, StepBuffer.Input, rank, StepBuffer.Output)
            : Step.Receive(0, from, from);
    }
}
