namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-reduce around a ring in both directions: half the chunks travel each way, so that both neighbours are sent to and received from at all times. What a rank sends is as little as with <see cref="RingAllReduce"/>; each
/// of its links carries half of that in each direction: for large messages where links in different directions do not share what is scarce.
/// </summary>
/// <remarks>
/// <para>The first n chunks of a channel go as in <see cref="RingAllReduce"/>, from rank to rank + 1. The other n go the mirrored way: rank r does with the one that is k-th from the end what rank n-1-r does with chunk k in the ring. The two are interleaved, step by step:</para>
/// <code>
/// step 2i          step i of the ring, up
/// step 2i + 1      step i of the ring, down
/// </code>
/// <para>Same bits on every rank, not in rank order; safe in place, as the ring is. A FIFO holds two messages. With two ranks both directions share one FIFO, and it is three.</para>
/// <para>Cost: 2 (n-1) (alpha + beta S/(2n)) + (n-1) gamma S/n, with beta that of one link in one direction. A rank sends 2 (n-1)/n buffers.</para>
/// </remarks>
public sealed class BidirectionalRingAllReduce : ChannelSchedule
{
    private BidirectionalRingAllReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static BidirectionalRingAllReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "bidirectional-ring";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllReduce;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : shape.Ranks == 2 ? 3 : 2;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => 2 * shape.Ranks;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => 2 * RingAllReduce.Instance.StepCount(Ring(shape), rank);

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        int first = channel * 2 * n;
        return index % 2 == 0
            ? new Relabelling(channel, first).Apply(RingAllReduce.Instance.GetStep(Ring(shape), rank, index / 2))
            : new Relabelling(channel, first + (2 * n) - 1, FirstRank: n - 1, RankStride: -1, ChunkStride: -1).Apply(RingAllReduce.Instance.GetStep(Ring(shape), n - 1 - rank, index / 2));
    }

    private static Shape Ring(in Shape shape) => new(shape.Ranks);
}
