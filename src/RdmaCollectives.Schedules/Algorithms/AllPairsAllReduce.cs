namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-reduce between all pairs: every rank reduces 1/n of the buffer, for which it gets n-1 messages, and sends the result to every other rank. Two hops, and no all-reduce can send less: for middle and
/// large messages where all pairs are connected and the network does not mind that all of them talk at once.
/// </summary>
/// <remarks>
/// <para>Rank r, with n chunks:</para>
/// <code>
/// Copy                    own input of chunk r to scratch
/// Send       n-1 times    chunk r+i to rank r+i
/// then chunk r of the output = the fixed tree over all inputs of it, each as it arrives: final
/// Send       n-1 times    chunk r of the output to rank r+i
/// Receive    n-1 times    chunk r-i from rank r-i
/// </code>
/// <para>Every chunk is reduced on one rank, in the order of the fixed tree, and copied: all ranks hold the same bits. The input of chunk r is needed while its output is being built, hence the copy; the other
/// chunks are overwritten by results that need what was sent from there. Each FIFO holds one message at a time.</para>
/// <para>Cost: 2 alpha + (n-1)/n (2 beta + gamma) S on a network without contention. A rank sends 2 (n-1)/n buffers in 2 (n-1) messages.</para>
/// </remarks>
public sealed class AllPairsAllReduce : ChannelSchedule
{
    private AllPairsAllReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static AllPairsAllReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "all-pairs";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllReduce;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.RankOrdered | ScheduleTraits.FixedTree;

    /// <inheritdoc/>
    public override int ScratchPlanes(in Shape shape) => ReductionOf(shape).Planes;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => shape.Ranks;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => shape.Ranks == 1 ? 1 : (3 * (shape.Ranks - 1)) + 1 + ReductionOf(shape).Count;

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        int first = channel * n;
        int own = first + rank;
        FixedTreeReduction reduction = ReductionOf(shape);
        if (n == 1)
        {
            return Step.Copy(channel, own, StepBuffer.Input, own, StepBuffer.Output, isFinal: true);
        }

        if (index < n)
        {
            int to = (rank + index) % n;
            return index == 0 ? Step.Copy(channel, own, StepBuffer.Input, own, StepBuffer.Scratch) : Step.Send(channel, first + to, to);
        }

        if (index < n + reduction.Count)
        {
            return reduction.At(rank, new StepRange(channel, own), index - n);
        }

        int i = index - n - reduction.Count;
        if (i < n - 1)
        {
            return Step.Send(channel, own, (rank + 1 + i) % n, StepBuffer.Output);
        }

        int from = (rank + n - 1 - (i - (n - 1))) % n;
        return Step.Receive(channel, first + from, from);
    }

    private static FixedTreeReduction ReductionOf(in Shape shape) => new(new FoldedTree(shape.Ranks), PlaneChunks: shape.Ranks * shape.Channels);
}
