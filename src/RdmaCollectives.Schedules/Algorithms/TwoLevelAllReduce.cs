namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-reduce in two levels: every host reduces to its first rank, those all-reduce among each other, and hand the result to the ranks of their host. What is slow, the network, sees one rank per host: for small and middle messages with
/// several ranks per host.
/// </summary>
/// <remarks>
/// <para>With <see cref="Shape.LocalRanks"/> ranks per host:</para>
/// <code>
/// in the host        sums go up the fixed tree over its ranks, the whole buffer as one message
/// between hosts      <see cref="HalvingDoublingAllReduce"/> among the first ranks, on what they have in their output
/// in the host        the result comes down the same tree
/// </code>
/// <para>Sums are in rank order, as the ranks of a host follow each other. They are not the fixed tree over all ranks, as the hosts decide where the brackets are. Both parts are safe in place, and a first rank's output is touched
/// again only by results that need what it sent. Each FIFO holds one message at a time.</para>
/// <para>Cost, with l ranks on each of m hosts: about 2 log2 l hops inside, and 2 log2 m hops and 2 (m-1)/m buffers per host outside, if m is a power of two; one buffer and two hops more if not.</para>
/// </remarks>
public sealed class TwoLevelAllReduce : ChannelSchedule
{
    private TwoLevelAllReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static TwoLevelAllReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "two-level";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllReduce;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.RankOrdered;

    private static HalvingDoublingAllReduce BetweenHosts => HalvingDoublingAllReduce.Instance;

    /// <inheritdoc/>
    public override bool Supports(in Shape shape) => BetweenHosts.Supports(Hosts(shape));

    /// <inheritdoc/>
    public override int MessageChunks(in Shape shape) => shape.LocalRanks > 1 ? ChannelChunks(shape) : BetweenHosts.MessageChunks(Hosts(shape));

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => BetweenHosts.ChunkCount(Hosts(shape));

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => UpSteps(shape, rank) + OutsideSteps(shape, rank) + DownSteps(shape, rank);

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int chunks = ChannelChunks(shape);
        var all = new StepRange(channel, channel * chunks, chunks);
        int up = UpSteps(shape, rank);
        int outside = OutsideSteps(shape, rank);
        if (index < up)
        {
            return TreeSteps.Up(HostTree(shape, rank), rank, all, index, StepBuffer.Output, isFinal: false);
        }

        if (index < up + outside)
        {
            var toHosts = new Relabelling(channel, all.Chunk, FirstRank: 0, RankStride: shape.LocalRanks, InOutput: shape.LocalRanks > 1);
            return toHosts.Apply(BetweenHosts.GetStep(Hosts(shape), rank / shape.LocalRanks, index - up));
        }

        return TreeSteps.Down(HostTree(shape, rank), rank, all, index - up - outside);
    }

    private static Shape Hosts(in Shape shape) => new(shape.Ranks / shape.LocalRanks);

    private static FoldedTree HostTree(in Shape shape, int rank) => new(shape.LocalRanks, rank - (rank % shape.LocalRanks));

    private static int UpSteps(in Shape shape, int rank) => shape.LocalRanks == 1 ? 0 : TreeSteps.UpCount(HostTree(shape, rank), rank);

    private static int OutsideSteps(in Shape shape, int rank) => rank % shape.LocalRanks == 0 ? BetweenHosts.StepCount(Hosts(shape), rank / shape.LocalRanks) : 0;

    private static int DownSteps(in Shape shape, int rank) => TreeSteps.DownCount(HostTree(shape, rank), rank);
}
