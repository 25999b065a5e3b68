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
/// <para>Cost: n-1 blocks sent and reduced, and n local copies. Up to 16 ranks ceil(log2 n) messages and hops. Beyond, with g groups of 8 to 16 blocks, 4 + g - 1 messages in 4 + g/2 hops; g is the least power of two from n/16 on.</para>
/// <para>Source: Jeaugey, PAT: a new algorithm for all-gather and reduce-scatter operations at scale, arXiv:2506.20252, 2025.</para>
/// </remarks>
public sealed class PatReduceScatter : BlockSchedule
{
    /// <summary>The most blocks of a message.</summary>
    public const int MostBlocks = PatLayout.Aggregation;

    private PatReduceScatter()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static PatReduceScatter Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "pat";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.ReduceScatter;

    /// <inheritdoc/>
    public override int MessageChunks(in Shape shape) => shape.Ranks == 1 ? 1 : new PatLayout(shape.Ranks).GreatestMessage;

    private protected override int ChannelSteps(in Shape shape, int rank) => shape.Ranks == 1 ? 1 : shape.Ranks + (2 * new PatLayout(shape.Ranks).Messages);

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
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
        int last = (2 * layout.Messages) - 1;
        (PatMessage message, bool isReceive) = layout.Turn(last - i);
        if (!isReceive)
        {
            return Step.Send(0, layout.Chunk(rank, message.To), Cyclic.Behind(rank, message.Distance, n), StepBuffer.Scratch, message.Count);
        }

        bool isFinal = i == last;
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
