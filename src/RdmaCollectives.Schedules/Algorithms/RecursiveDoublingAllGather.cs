namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-gather by exchanges over distances 1, 2, 4, ...: after each, a rank and its partner hold the blocks of both. With a power of two of ranks log2 n hops and n-1 blocks sent, and both
/// partners of an exchange talk to nobody else meanwhile. Any other number costs two hops and n-1 blocks more; there <see cref="BruckAllGather"/> is the better choice.
/// </summary>
/// <remarks>
/// <para>Where n is not a power of two, some ranks stand aside behind a neighbour (see <see cref="FoldedRanks"/>). A rank r that does not, at position v:</para>
/// <code>
/// Copy                       own block to the output
/// Receive                    block r+1, if rank r+1 stands aside
/// Send, Receive  log2 p times  with position v ^ 2^j: the blocks of the 2^j positions around v, for those around the partner
/// Send                       all but its own block to rank r+1, if that stands aside
/// </code>
/// <para>The blocks of 2^j aligned positions follow each other: one message each, straight from output to output, with the same blocks at both ends. Every chunk of the output is stored once, so nothing is
/// overwritten. One credit.</para>
/// <para>Cost, n = 2^k: log2 n hops, n-1 blocks sent. Else: floor(log2 n) + 2 hops; a rank with another behind it sends about 2 (n-1) blocks.</para>
/// <para>Source: Thakur, Rabenseifner and Gropp, Optimization of collective communication operations in MPICH, IJHPCA 2005.</para>
/// </remarks>
public sealed class RecursiveDoublingAllGather : ISchedule
{
    private RecursiveDoublingAllGather()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static RecursiveDoublingAllGather Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "recursive-doubling";

    /// <inheritdoc/>
    public CollectiveKind Collective => CollectiveKind.AllGather;

    /// <inheritdoc/>
    public ScheduleTraits Traits => ScheduleTraits.VariableBlocks;

    /// <inheritdoc/>
    public bool Supports(in Shape shape) => shape.Channels == 1 && MessageChunks(shape) <= Step.MaxCount;

    /// <inheritdoc/>
    public int ChunkCount(in Shape shape) => shape.Ranks;

    /// <inheritdoc/>
    public int MessageChunks(in Shape shape)
    {
        var folded = new FoldedRanks(shape.Ranks);
        return folded.Aside > 0 ? shape.Ranks - 1 : Math.Max(1, folded.Width / 2);
    }

    /// <inheritdoc/>
    public int ChannelOf(in Shape shape, int chunk) => 0;

    /// <inheritdoc/>
    public int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    public int StepCount(in Shape shape, int rank)
    {
        var folded = new FoldedRanks(shape.Ranks);
        return folded.IsAside(rank) ? 3 : 1 + (2 * folded.Exchanges) + (folded.IsDouble(rank) ? 2 : 0);
    }

    /// <inheritdoc/>
    public Step GetStep(in Shape shape, int rank, int index)
    {
        int n = shape.Ranks;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)rank, (uint)n, nameof(rank));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StepCount(shape, rank), nameof(index));

        var folded = new FoldedRanks(n);
        if (index == 0)
        {
            return Step.Copy(0, rank, StepBuffer.Input, rank, StepBuffer.Output);
        }

        if (folded.IsAside(rank))
        {
            return index == 1 ? Step.Send(0, rank, rank - 1)
                : Step.Receive(0, Cyclic.Ahead(rank, 1, n), rank - 1, count: n - 1);
        }

        bool isDouble = folded.IsDouble(rank);
        if (isDouble && index == 1)
        {
            return Step.Receive(0, rank + 1, rank + 1);
        }

        int step = index - (isDouble ? 2 : 1);
        return step < 2 * folded.Exchanges ? Exchange(folded, folded.PositionOf(rank), 1 << (step / 2), isSend: step % 2 == 0)
            : Step.Send(0, Cyclic.Ahead(rank, 2, n), rank + 1, StepBuffer.Output, count: n - 1);
    }

    private static Step Exchange(in FoldedRanks folded, int position, int width, bool isSend)
    {
        int partner = position ^ width;
        int first = (isSend ? position : partner) & -width;
        int peer = folded.First(partner);
        int count = folded.Blocks(first, width);
        return isSend ? Step.Send(0, folded.First(first), peer, StepBuffer.Output, count)
            : Step.Receive(0, folded.First(first), peer, count: count);
    }
}
