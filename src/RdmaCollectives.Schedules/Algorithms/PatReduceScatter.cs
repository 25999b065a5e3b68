namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Reduce-scatter by parallel aggregated trees, the reverse of <see cref="PatAllGather"/>: the parts of a block go up a binomial tree to its rank, the shortest distance first, and are added where they meet. The trees of
/// all ranks share their messages, up to <see cref="MostBlocks"/> blocks in each. Few sums go far and many go near: the choice for small and medium messages on many ranks, where distance costs. Uniform blocks only.
/// </summary>
/// <remarks>
/// <para>Rank r:</para>
/// <code>
/// Copy                  n times     every block of the input to its place in scratch
/// Send, ReceiveReduce               per message, the last one of the all-gather first: a range of scratch to rank r - distance, which is done with;
///                                   another from rank r + distance, added to what is there; the last to the output
/// </code>
/// <para>Which messages there are and where they lie in scratch memory is <see cref="PatLayout"/>. What was sent is never stored to again, and in place nothing is sent from the input: nothing is overwritten. A tree's
/// order is not rank order. One credit: every rank does the same, message by message.</para>
/// <para>Cost: n-1 blocks sent and reduced. Up to 16 ranks ceil(log2 n) messages; beyond, with groups of 8 to 16 blocks, log2 16 and as many as there are groups, less one: about 4 + n/16 to 4 + n/8. And n local copies.</para>
/// <para>Source: Jeaugey, PAT: a new algorithm for all-gather and reduce-scatter operations at scale, arXiv:2506.20252, 2025.</para>
/// </remarks>
public sealed class PatReduceScatter : ISchedule
{
    /// <summary>The most blocks of a message.</summary>
    public const int MostBlocks = PatLayout.Aggregation;

    private PatReduceScatter()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static PatReduceScatter Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "pat";

    /// <inheritdoc/>
    public CollectiveKind Collective => CollectiveKind.ReduceScatter;

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
    public int StepCount(in Shape shape, int rank) => shape.Ranks == 1 ? 1 : shape.Ranks + (2 * new PatLayout(shape.Ranks).Messages);

    /// <inheritdoc/>
    public Step GetStep(in Shape shape, int rank, int index)
    {
        int n = shape.Ranks;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)rank, (uint)n, nameof(rank));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StepCount(shape, rank), nameof(index));

        if (n == 1)
        {
            return Step.Copy(0, 0, StepBuffer.Input, 0, StepBuffer.Output, isFinal: true);
        }

        var layout = new PatLayout(n);
        if (index < n)
        {
            return Step.Copy(0, Cyclic.Behind(rank, index, n), StepBuffer.Input, layout.Chunk(rank, layout.PlaceOf(index)), StepBuffer.Scratch);
        }

        int i = index - n;
        int last = layout.Messages - 1;
        PatMessage message = layout.Message(last - (i / 2));
        if (i % 2 == 0)
        {
            return Step.Send(0, layout.Chunk(rank, message.To), Cyclic.Behind(rank, message.Distance, n), StepBuffer.Scratch, message.Count);
        }

        bool isFinal = i / 2 == last;
        return Step.ReceiveReduce(
            0,
            layout.Chunk(rank, message.From),
            Cyclic.Ahead(rank, message.Distance, n),
            StepBuffer.Scratch,
            isFinal ? StepBuffer.Output : StepBuffer.Scratch,
            isFinal,
            count: message.Count);
    }
}
