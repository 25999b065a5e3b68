namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Broadcast as a scatter and an all-gather (van de Geijn): the root cuts the buffer into n chunks, a binomial tree takes one to every rank, and a ring takes all chunks to all. No rank sends more than
/// two buffers: for large messages, where the ring is faster than the whole buffer log2 n times.
/// </summary>
/// <remarks>
/// <para>Place v is v ranks behind the root, around; s(v) is the size of its subtree in the binomial tree, whose chunks v .. v + s(v) - 1 the place gets in the scatter:</para>
/// <code>
/// scatter        Receive own subtree's chunks, unless this is the root; Send each child its subtree's, the largest first
/// step i         the ring, i = 0, 1, ...: chunk (v - i) mod n comes from place v-1, unless i = 0, and goes to place v+1
/// root           Copy all to its own output
/// </code>
/// <para>What a place has got in the scatter is not sent to it again: place v takes only n - s(v) chunks from the ring, and the root none. It sends as many as the place behind it takes. The steps are ReceiveCopySend where a chunk comes and goes on,
/// else Send or Receive.</para>
/// <para>Every chunk is stored once on each rank, and read only after that, so nothing is overwritten while it is being read. The root sends its input, and copies it to its output when all is sent; in place that copy changes nothing. A FIFO holds one message.</para>
/// <para>Cost: about (log2 n + n - 1) alpha + 2 (n-1)/n beta S. The root sends 2 (n-1)/n buffers, the others less than 1.5.
/// Source: Barnett, Gupta, Payne, Shuler, van de Geijn and Watts, Interprocessor collective communication library (InterCom), SHPCC 1994.</para>
/// </remarks>
public sealed class ScatterGatherBroadcast : ChannelSchedule
{
    private ScatterGatherBroadcast()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static ScatterGatherBroadcast Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "scatter-gather";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.Broadcast;

    /// <inheritdoc/>
    public override bool Supports(in Shape shape) => shape.Ranks <= Step.MaxCount;

    /// <inheritdoc/>
    public override int MessageChunks(in Shape shape)
    {
        // One of the root's two last children has the largest subtree: the last one's may be cut short.
        var tree = new KnomialTree(shape.Ranks);
        int children = tree.ChildCount(0);
        int last = children == 0 ? 1 : tree.SubtreeSize(tree.Child(0, children - 1));
        return children < 2 ? last : Math.Max(last, tree.SubtreeSize(tree.Child(0, children - 2)));
    }

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => shape.Ranks;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank)
    {
        var place = new Place(shape, rank);
        return 1 + place.Children + place.RingSteps;
    }

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        int first = channel * n;
        var place = new Place(shape, rank);
        var tree = new RootedTree(place.Tree, shape.Root);
        bool isRoot = place.Index == 0;
        if (isRoot && index == ChannelSteps(shape, rank) - 1)
        {
            return Step.Copy(channel, first, StepBuffer.Input, first, StepBuffer.Output, count: n);
        }

        if (!isRoot && index == 0)
        {
            return Step.Receive(channel, first + place.Index, tree.Parent(rank), count: place.Tree.SubtreeSize(place.Index));
        }

        StepBuffer source = isRoot ? StepBuffer.Input : StepBuffer.Output;
        int sent = isRoot ? index : index - 1;
        if (sent < place.Children)
        {
            int child = place.Tree.Child(place.Index, place.Children - 1 - sent);
            return Step.Send(channel, first + child, tree.RankOf(child), source, place.Tree.SubtreeSize(child));
        }

        // A place that sends nothing has no step 0 of the ring.
        int i = sent - place.Children + (place.Sends == 0 ? 1 : 0);
        int chunk = first + ((place.Index - i + n) % n);
        int from = (rank + n - 1) % n;
        int to = (rank + 1) % n;
        return i == 0 || i > place.Receives ? Step.Send(channel, chunk, to, source)
            : i < place.Sends ? Step.ReceiveCopySend(channel, chunk, from, to)
            : Step.Receive(channel, chunk, from);
    }

    /// <summary>A place behind the root, and its part in the ring.</summary>
    private readonly ref struct Place
    {
        public Place(in Shape shape, int rank)
        {
            int n = shape.Ranks;
            Tree = new KnomialTree(n);
            Index = (rank + n - shape.Root) % n;
            Receives = n - Tree.SubtreeSize(Index);
            Sends = Index + 1 == n ? 0 : n - Tree.SubtreeSize(Index + 1);
        }

        public KnomialTree Tree { get; }

        public int Index { get; }

        /// <summary>Children in the binomial tree.</summary>
        public int Children => Tree.ChildCount(Index);

        /// <summary>How many chunks come from the ring: those of steps 1 .. Receives.</summary>
        public int Receives { get; }

        /// <summary>How many chunks go on: those of steps 0 .. Sends - 1.</summary>
        public int Sends { get; }

        public int RingSteps => Sends == 0 ? Receives : Math.Max(Receives + 1, Sends);
    }
}
