namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// A schedule whose channels all do the same, each over its own chunks: a subclass writes down the steps of one channel, and this class lays the channels side by side. Channel c has the chunks from
/// <c>c * ChannelChunks</c> on. Steps of the channels are interleaved, so that an executor that walks the list feeds all of them.
/// </summary>
public abstract class ChannelSchedule : ISchedule
{
    private protected ChannelSchedule()
    {
    }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract CollectiveKind Collective { get; }

    /// <inheritdoc/>
    public virtual ScheduleTraits Traits => ScheduleTraits.None;

    /// <inheritdoc/>
    public virtual bool Supports(in Shape shape) => true;

    /// <inheritdoc/>
    public int ChunkCount(in Shape shape) => ChannelChunks(shape) * shape.Channels;

    /// <inheritdoc/>
    public virtual int ScratchPlanes(in Shape shape) => 1;

    /// <inheritdoc/>
    public virtual int MessageChunks(in Shape shape) => 1;

    /// <inheritdoc/>
    public int ChannelOf(in Shape shape, int chunk) => chunk / ChannelChunks(shape);

    /// <inheritdoc/>
    public abstract int MinimumCredits(in Shape shape);

    /// <inheritdoc/>
    public int StepCount(in Shape shape, int rank) => ChannelSteps(shape, rank) * shape.Channels;

    /// <inheritdoc/>
    public Step GetStep(in Shape shape, int rank, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)rank, (uint)shape.Ranks, nameof(rank));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StepCount(shape, rank), nameof(index));
        return ChannelStep(shape, rank, index % shape.Channels, index / shape.Channels);
    }

    /// <summary>The number of chunks of one channel.</summary>
    private protected abstract int ChannelChunks(in Shape shape);

    /// <summary>The number of steps of a rank on one channel.</summary>
    private protected abstract int ChannelSteps(in Shape shape, int rank);

    /// <summary>Step <paramref name="index"/> of a rank on one channel, whose first chunk is <c>channel * ChannelChunks</c>.</summary>
    private protected abstract Step ChannelStep(in Shape shape, int rank, int channel, int index);
}
