using System.Numerics;

namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Barrier by dissemination: in round k every rank tells the one 2^k behind it, around, that it and all it has heard of have begun. After log2 n rounds, rounded up, every rank has heard of all: no barrier takes fewer hops.
/// </summary>
/// <remarks>
/// <code>
/// round k         Send to rank r + 2^k, Receive from rank r - 2^k
/// </code>
/// <para>Messages have no content. The distances are less than n and differ, so each FIFO has one message. A rank sends log2 n, rounded up. Source: Hensgen, Finkel and Manber, Two algorithms for barrier synchronization, IJPP 1988.</para>
/// </remarks>
public sealed class DisseminationBarrier : ISchedule
{
    private DisseminationBarrier()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static DisseminationBarrier Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "dissemination";

    /// <inheritdoc/>
    public CollectiveKind Collective => CollectiveKind.Barrier;

    /// <inheritdoc/>
    public int ChunkCount(in Shape shape) => 1;

    /// <inheritdoc/>
    public int ChannelOf(in Shape shape, int chunk) => 0;

    /// <inheritdoc/>
    public int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    public int StepCount(in Shape shape, int rank) => 2 * BitOperations.Log2((2 * (uint)shape.Ranks) - 1);

    /// <inheritdoc/>
    public Step GetStep(in Shape shape, int rank, int index)
    {
        int n = shape.Ranks;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)rank, (uint)n, nameof(rank));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StepCount(shape, rank), nameof(index));
        int distance = 1 << (index / 2);
        return index % 2 == 0 ? Step.Send(0, 0, (int)(((uint)rank + (uint)distance) % (uint)n)) : Step.Receive(0, 0, rank >= distance ? rank - distance : rank - distance + n);
    }
}
