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
/// <para>Which messages there are and where they lie in scratch memory is <see cref="PatLayout"/>. No chunk is stored twice, so nothing is overwritten. One credit: every rank does the same, message by message.</para>
/// <para>Cost: n-1 blocks sent, and n+1 local copies. Up to 16 ranks ceil(log2 n) messages and hops. Beyond, with g groups of 8 to 16 blocks, 4 + g - 1 messages in 4 + g/2 hops; g is the least power of two from n/16 on.</para>
/// <para>Source: Jeaugey, PAT: a new algorithm for all-gather and reduce-scatter operations at scale, arXiv:2506.20252, 2025. There few buffers are in use at a time, as groups are passed on depth first. Here the order is
/// the same, and all blocks have places of their own.</para>
/// </remarks>
public sealed class PatAllGather : BlockSchedule
{
    /// <summary>The most blocks of a message.</summary>
    public const int MostBlocks = PatLayout.Aggregation;

    private PatAllGather()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static PatAllGather Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "pat";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllGather;

    /// <inheritdoc/>
    public override int MessageChunks(in Shape shape) => shape.Ranks == 1 ? 1 : new PatLayout(shape.Ranks).GreatestMessage;

    private protected override int ChannelSteps(in Shape shape, int rank) => shape.Ranks == 1 ? 1 : 2 + (2 * new PatLayout(shape.Ranks).Messages) + shape.Ranks - 1;

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        if (index < 2)
        {
            return Step.Copy(0, rank, StepBuffer.Input, rank, index == 0 ? StepBuffer.Output : StepBuffer.Scratch);
        }

        var layout = new PatLayout(n);
        int i = index - 2;
        if (i < 2 * layout.Messages)
        {
            (PatMessage message, bool isSend) = layout.Turn(i);
            return isSend ? Step.Send(0, layout.Chunk(rank, message.From), Cyclic.Ahead(rank, message.Distance, n), StepBuffer.Scratch, message.Count)
                : Step.Receive(0, layout.Chunk(rank, message.To), Cyclic.Behind(rank, message.Distance, n), StepBuffer.Scratch, message.Count);
        }

        int offset = i - (2 * layout.Messages) + 1;
        return Step.Copy(0, layout.Chunk(rank, layout.PlaceOf(offset)), StepBuffer.Scratch, Cyclic.Behind(rank, offset, n), StepBuffer.Output);
    }
}
