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
public sealed class DirectAllGather : ISchedule
{
    private DirectAllGather()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static DirectAllGather Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "direct";

    /// <inheritdoc/>
    public CollectiveKind Collective => CollectiveKind.AllGather;

    /// <inheritdoc/>
    public ScheduleTraits Traits => ScheduleTraits.VariableBlocks;

    /// <inheritdoc/>
    public bool Supports(in Shape shape) => shape.Channels == 1;

    /// <inheritdoc/>
    public int ChunkCount(in Shape shape) => shape.Ranks;

    /// <inheritdoc/>
    public int ChannelOf(in Shape shape, int chunk) => 0;

    /// <inheritdoc/>
    public int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    public int StepCount(in Shape shape, int rank) => (2 * shape.Ranks) - 1;

    /// <inheritdoc/>
    public Step GetStep(in Shape shape, int rank, int index)
    {
        int n = shape.Ranks;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)rank, (uint)n, nameof(rank));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StepCount(shape, rank), nameof(index));

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
