namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-gather by parallel aggregated trees: every block goes down a binomial tree, the longest distance first, and the trees of all ranks share their messages, up to <see cref="MostBlocks"/> blocks in each.
/// Few blocks go far and many go near, and no message grows with the number of ranks: the choice for small and medium messages on many ranks, where distance costs. Uniform blocks only.
/// </summary>
/// <remarks>
/// <para>Rank r:</para>
/// <code>
/// Copy, Copy                  own block to the output and to scratch
/// Send, Receive               per message: a range of scratch to rank r + distance, another from rank r - distance
/// Copy           n-1 times    every other block from scratch to the output
/// </code>
/// <para>Which messages there are and where they lie in scratch memory is <see cref="PatLayout"/>. A block of offset o, that is of rank r-o, takes a way of as many hops as o has ones; as messages share their
/// order with others, the last is there after all of them. No chunk is stored twice, so nothing is overwritten. One credit: every rank does the same, message by message.</para>
/// <para>Cost: n-1 blocks sent. Up to 16 ranks ceil(log2 n) messages; beyond, with groups of 8 to 16 blocks, log2 16 and as many as there are groups, less one: about 4 + n/16 to 4 + n/8. And n local copies.</para>
/// <para>Source: Jeaugey, PAT: a new algorithm for all-gather and reduce-scatter operations at scale, arXiv:2506.20252, 2025. There the depth-first order keeps few buffers in use; here the order is the same, and all
/// blocks have places, as the result needs them.</para>
/// </remarks>
public sealed class PatAllGather : ISchedule
{
    /// <summary>The most blocks of a message.</summary>
    public const int MostBlocks = PatLayout.Aggregation;

    private PatAllGather()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static PatAllGather Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "pat";

    /// <inheritdoc/>
    public CollectiveKind Collective => CollectiveKind.AllGather;

    /// <inheritdoc/>
    public bool Supports(in Shape shape) => shape.Channels == 1;

    /// <inheritdoc/>
    public int ChunkCount(in Shape shape) => shape.Ranks;

    /// <inheritdoc/>
    public int MessageChunks(in Shape shape) => shape.Ranks == 1 ? 1 : new PatLayout(shape.Ranks).GreatestMessage;

    /// <inheritdoc/>
    public int ChannelOf(in Shape shape, int chunk) => 0;

    /// <inheritdoc/>
    public int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    public int StepCount(in Shape shape, int rank) => shape.Ranks == 1 ? 1 : 2 + (2 * new PatLayout(shape.Ranks).Messages) + shape.Ranks - 1;

    /// <inheritdoc/>
    public Step GetStep(in Shape shape, int rank, int index)
    {
        int n = shape.Ranks;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)rank, (uint)n, nameof(rank));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StepCount(shape, rank), nameof(index));

        if (index < 2)
        {
            return Step.Copy(0, rank, StepBuffer.Input, rank, index == 0 ? StepBuffer.Output : StepBuffer.Scratch);
        }

        var layout = new PatLayout(n);
        int i = index - 2;
        if (i < 2 * layout.Messages)
        {
            PatMessage message = layout.Message(i / 2);
            return i % 2 == 0 ? Step.Send(0, layout.Chunk(rank, message.From), Cyclic.Ahead(rank, message.Distance, n), StepBuffer.Scratch, message.Count)
                : Step.Receive(0, layout.Chunk(rank, message.To), Cyclic.Behind(rank, message.Distance, n), StepBuffer.Scratch, message.Count);
        }

        int offset = i - (2 * layout.Messages) + 1;
        return Step.Copy(0, layout.Chunk(rank, layout.PlaceOf(offset)), StepBuffer.Scratch, Cyclic.Behind(rank, offset, n), StepBuffer.Output);
    }
}
