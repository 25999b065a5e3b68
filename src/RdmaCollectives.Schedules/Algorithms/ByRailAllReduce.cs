namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-reduce by rail: the ranks of a host reduce and scatter among themselves, each all-reduces its part with the ranks in the same place on the other hosts, and the ranks of a host gather the result. All ranks use the network at
/// the same time, each on its own rail: for large messages on hosts with an adapter per rank.
/// </summary>
/// <remarks>
/// <para>With l = <see cref="Shape.LocalRanks"/> ranks on each of m hosts, and l parts of m chunks each, dealt out in turn; rank r is in place i of its host:</para>
/// <code>
/// for each chunk c of a part:
///   Copy                own input of chunk c of part i to scratch
///   Send      l-1 times chunk c of part j to place j of the host
///   then chunk c of part i of the output = the fixed tree over the inputs of the host, each as it arrives
/// then <see cref="RingAllReduce"/> on part i of the output, among the ranks in place i of all hosts
/// for each chunk c of a part:
///   Send      l-1 times chunk c of part i of the output to the other places
///   Receive   l-1 times chunk c of part j from place j
/// </code>
/// <para>The ring's order of hosts is rotated, so reducers that do not commute need another schedule. Results overwrite only what they were made of: safe in place. A FIFO holds two messages, for the ring; one
/// if there is one host.</para>
/// <para>Cost: 2 (m-1) (alpha + beta S/n) outside, 2m (alpha + (l-1) beta S/n) inside. A rank sends 2 (m-1)/n buffers to other hosts, the least that any all-reduce can send, and 2 (l-1)/l inside its host.</para>
/// </remarks>
public sealed class ByRailAllReduce : ChannelSchedule
{
    private ByRailAllReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static ByRailAllReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "by-rail";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllReduce;

    private static RingAllReduce Rail => RingAllReduce.Instance;

    /// <inheritdoc/>
    public override int ScratchPlanes(in Shape shape) => InHost(shape, 0).Planes;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : Hosts(shape).Ranks == 1 ? 1 : 2;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => shape.Ranks;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) =>
        (Hosts(shape).Ranks * (ScatterSteps(shape) + GatherSteps(shape))) + Rail.StepCount(Hosts(shape), rank / shape.LocalRanks);

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        Shape hosts = Hosts(shape);
        int host = rank / shape.LocalRanks;
        int place = rank % shape.LocalRanks;
        int first = channel * shape.Ranks;
        int scatter = hosts.Ranks * ScatterSteps(shape);
        int rail = Rail.StepCount(hosts, host);
        if (index < scatter)
        {
            (int c, int i) = Math.DivRem(index, ScatterSteps(shape));
            return Scatter(shape, rank, channel, first + (c * shape.LocalRanks), i);
        }

        if (index < scatter + rail)
        {
            var onRail = new Relabelling(channel, first + place, FirstRank: place, RankStride: shape.LocalRanks, ChunkStride: shape.LocalRanks, InOutput: shape.LocalRanks > 1);
            return onRail.Apply(Rail.GetStep(hosts, host, index - scatter));
        }

        (int chunk, int j) = Math.DivRem(index - scatter - rail, GatherSteps(shape));
        return Gather(shape, rank, channel, first + (chunk * shape.LocalRanks), j);
    }

    /// <summary>Step <paramref name="i"/> of one chunk's way to its place in the host; <paramref name="chunk"/> is the chunk in part 0.</summary>
    private static Step Scatter(in Shape shape, int rank, int channel, int chunk, int i)
    {
        int l = shape.LocalRanks;
        int place = rank % l;
        int own = chunk + place;
        int to = (place + i) % l;
        return i == 0 ? Step.Copy(channel, own, StepBuffer.Input, own, StepBuffer.Scratch)
            : i < l ? Step.Send(channel, chunk + to, rank - place + to)
            : InHost(shape, rank - place).At(rank, new StepRange(channel, own), i - l, isFinal: false);
    }

    /// <summary>Step <paramref name="j"/> of one chunk's way to all ranks of the host.</summary>
    private static Step Gather(in Shape shape, int rank, int channel, int chunk, int j)
    {
        int l = shape.LocalRanks;
        int place = rank % l;
        if (j < l - 1)
        {
            return Step.Send(channel, chunk + place, rank - place + ((place + 1 + j) % l), StepBuffer.Output);
        }

        int from = (place + l - 1 - (j - (l - 1))) % l;
        return Step.Receive(channel, chunk + from, rank - place + from);
    }

    private static Shape Hosts(in Shape shape) => new(shape.Ranks / shape.LocalRanks);

    private static FixedTreeReduction InHost(in Shape shape, int first) => new(new FoldedTree(shape.LocalRanks, first), PlaneChunks: shape.Ranks * shape.Channels);

    private static int ScatterSteps(in Shape shape) => shape.LocalRanks == 1 ? 0 : shape.LocalRanks + InHost(shape, 0).Count;

    private static int GatherSteps(in Shape shape) => 2 * (shape.LocalRanks - 1);
}
