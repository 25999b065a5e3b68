namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// A schedule over blocks, one per rank, with a chunk for each channel in every block: a subclass writes down the steps of one channel. Steps of the channels are interleaved, so that an executor that walks
/// the list feeds all of them.
/// </summary>
/// <remarks>
/// Chunks that follow each other are of different channels where there are several. So a schedule whose messages are ranges of blocks has one channel; so has one whose ranks talk to others than their neighbours, as the
/// further channels only connect those.
/// </remarks>
public abstract class BlockSchedule : ISchedule
{
    private protected BlockSchedule()
    {
    }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract CollectiveKind Collective { get; }

    /// <inheritdoc/>
    public virtual ScheduleTraits Traits => ScheduleTraits.None;

    /// <inheritdoc/>
    public virtual bool Supports(in Shape shape) => shape.Channels == 1 && MessageChunks(shape) <= Step.MaxCount;

    /// <inheritdoc/>
    public int ChunkCount(in Shape shape) => shape.Ranks * shape.Channels;

    /// <inheritdoc/>
    public virtual int ScratchPlanes(in Shape shape) => 1;

    /// <inheritdoc/>
    public virtual int MessageChunks(in Shape shape) => 1;

    /// <inheritdoc/>
    public int ChannelOf(in Shape shape, int chunk) => chunk % shape.Channels;

    /// <summary>One, unless a subclass says otherwise: its ranks post what the others wait for before they wait themselves.</summary>
    public virtual int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    public int StepCount(in Shape shape, int rank) => ChannelSteps(shape, rank) * shape.Channels;

    /// <inheritdoc/>
    public Step GetStep(in Shape shape, int rank, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)rank, (uint)shape.Ranks, nameof(rank));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StepCount(shape, rank), nameof(index));
        return ChannelStep(shape, rank, index % shape.Channels, index / shape.Channels);
    }

    /// <summary>The number of steps of a rank on one channel.</summary>
    private protected abstract int ChannelSteps(in Shape shape, int rank);

    /// <summary>Step <paramref name="index"/> of a rank on one channel, whose chunk of block b is <c>b * Channels + channel</c>.</summary>
    private protected abstract Step ChannelStep(in Shape shape, int rank, int channel, int index);
}
