using System.Numerics;

namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Reduce-scatter in one hop, in the fixed tree of the bit-exact mode (<see cref="FixedTree"/>): every rank gets its block from every other rank and reduces all of them itself.
/// It costs what <see cref="DirectReduceScatter"/> costs, and working memory for partial results: log2 n blocks.
/// </summary>
/// <remarks>
/// <para>Rank r:</para>
/// <code>
/// Copy                    own part of the own block to scratch
/// Send    n-1 times       block d to rank d, d = r+1, r+2, ...
/// then for each leaf v of the tree, in order, which is rank order:
///   its rank, or both of its ranks, into place s
///   ReceiveReduce, or Reduce    of place s-1 with place s, as often as a subtree is complete with v: once for each one at the end of v in binary
/// </code>
/// <para>Partial results are in places 0, 1, 2, ...: what waits for its right operand is below what is being computed. Place 0 is the output, place s plane s of scratch, and plane 0 holds the own part, which in place the output would
/// overwrite before its turn comes. A leaf of a single rank that is a right operand is reduced as it arrives. Nothing is ever sent from where partial results are, so nothing is overwritten. One credit.</para>
/// <para>Cost: 1 hop, n-1 messages and blocks sent and reduced, log2 n + 1 blocks of scratch memory in use.</para>
/// </remarks>
public sealed class DirectFixedReduceScatter : ISchedule
{
    private DirectFixedReduceScatter()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static DirectFixedReduceScatter Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "direct-fixed";

    /// <inheritdoc/>
    public CollectiveKind Collective => CollectiveKind.ReduceScatter;

    /// <inheritdoc/>
    public ScheduleTraits Traits => ScheduleTraits.RankOrdered | ScheduleTraits.FixedTree | ScheduleTraits.VariableBlocks;

    /// <inheritdoc/>
    public bool Supports(in Shape shape) => shape.Channels == 1;

    /// <inheritdoc/>
    public int ChunkCount(in Shape shape) => shape.Ranks;

    /// <inheritdoc/>
    public int ScratchPlanes(in Shape shape) => 1 + BitOperations.Log2((uint)shape.Ranks);

    /// <inheritdoc/>
    public int ChannelOf(in Shape shape, int chunk) => 0;

    /// <inheritdoc/>
    public int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    public int StepCount(in Shape shape, int rank) => shape.Ranks == 1 ? 1 : shape.Ranks + FixedTreeWalk.StepCount(shape.Ranks);

    /// <inheritdoc/>
    public Step GetStep(in Shape shape, int rank, int index)
    {
        int n = shape.Ranks;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)rank, (uint)n, nameof(rank));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StepCount(shape, rank), nameof(index));

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

        return Reduction(n, rank, index - n);
    }

    private static Step Reduction(int n, int rank, int index)
    {
        FixedTreeWalk.Move move = FixedTreeWalk.GetMove(n, index);
        bool isFinal = index == FixedTreeWalk.StepCount(n) - 1;
        (StepBuffer buffer, int chunk) = Place(n, rank, move.Place);
        if (move.Rank < 0)
        {
            (StepBuffer source, int sourceChunk) = Place(n, rank, move.Place + 1);
            return Step.Reduce(0, sourceChunk, source, chunk, buffer, isFinal);
        }

        return (move.Rank == rank, move.IsFirst) switch
        {
            (true, true) => Step.Copy(0, rank, StepBuffer.Scratch, chunk, buffer),
            (true, false) => Step.Reduce(0, rank, StepBuffer.Scratch, chunk, buffer, isFinal),
            (false, true) => Step.Receive(0, chunk, move.Rank, buffer),
            (false, false) => Step.ReceiveReduce(0, chunk, move.Rank, buffer, buffer, isFinal, isOwnLeft: true),
        };
    }

    private static (StepBuffer Buffer, int Chunk) Place(int n, int rank, int place) =>
        place == 0 ? (StepBuffer.Output, rank) : (StepBuffer.Scratch, (place * n) + rank);
}
