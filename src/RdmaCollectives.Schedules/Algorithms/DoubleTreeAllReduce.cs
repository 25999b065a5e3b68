namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-reduce over two complementary binary trees: half of the chunks over each, chunk after chunk, sums up and then results down. Every rank sends about two buffers, as in the ring, with log2 n hops in place of n: for
/// middle and large messages over many ranks.
/// </summary>
/// <remarks>
/// <para>A rank has children in one tree and none in the other, apart from rank 0, which is on top of both if n is odd. Going up it sends one chunk in each tree and takes two in one of them; coming down it is the other way round: both ways
/// it sends as much as it receives. With h the height of a tree, each tree has 2h chunks. Rank r at depth d, chunk k of a tree, at time 2 (h - d + k), one later in the second tree:</para>
/// <code>
/// no children       Send
/// one child         ReceiveReduceSend; at the root ReceiveReduce: final
/// two children      ReceiveReduce, ReceiveReduceSend; at the root ReceiveReduce twice: final
/// </code>
/// <para>and at time 2 (3h + d + k), one later in the second tree:</para>
/// <code>
/// root              Send to each child
/// no children       Receive
/// one or two        ReceiveCopySend, Send to the second child
/// </code>
/// <para>Every message is taken two units of time after it is sent, and before or when the next one of its FIFO is sent: going in the order of time, with parents first on the way up and children first on the way down, all ranks come to
/// their ends with FIFOs of one message. Subtrees are ranges of ranks, and the left child comes in on the left: sums are in rank order, though not in the order of the fixed tree. Partial sums are kept
/// in the output; a rank touches what it sent up again only when the result comes down, which needs that message: safe in place.</para>
/// <para>Cost: the first chunks need h hops each way, and 2h chunks follow each other with two messages each: 6h alpha + 3 beta S. With rounds that follow each other it comes near 2 beta S. A rank sends at most 2 buffers.
/// Source: Sanders, Speck and Träff, Two-tree algorithms for full bandwidth broadcast, reduction and scan, Parallel Computing 2009.</para>
/// </remarks>
public sealed class DoubleTreeAllReduce : ChannelSchedule
{
    private DoubleTreeAllReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static DoubleTreeAllReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "double-tree";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllReduce;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.RankOrdered;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => shape.Ranks == 1 ? 1 : 2 * Pieces(shape);

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => shape.Ranks == 1 ? 1 : TimetableOf(shape, rank).StepCount;

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int first = channel * ChannelChunks(shape);
        if (shape.Ranks == 1)
        {
            return Step.Copy(channel, first, StepBuffer.Input, first, StepBuffer.Output, isFinal: true);
        }

        (int line, int piece, int j) = TimetableOf(shape, rank).Find(index);
        bool isSecond = line >= 2;
        DoubleTree tree = DoubleTree.InRankOrder(shape.Ranks, isSecond);
        var range = new StepRange(channel, first + (isSecond ? Pieces(shape) : 0) + piece);
        return line % 2 == 0 ? TreeSteps.Up(tree, rank, range, j, StepBuffer.Output) : TreeSteps.Down(tree, rank, range, j);
    }

    private static int Pieces(in Shape shape) => 2 * DoubleTree.InRankOrder(shape.Ranks, isSecond: false).Height;

    private static Timetable TimetableOf(in Shape shape, int rank)
    {
        var timetable = new Timetable(Pieces(shape));
        for (int second = 0; second < 2; second++)
        {
            DoubleTree tree = DoubleTree.InRankOrder(shape.Ranks, second == 1);
            int height = tree.Height;
            int depth = tree.Depth(rank);
            timetable.Add((2 * (height - depth)) + second, TreeSteps.UpCount(tree, rank));
            timetable.Add((2 * (height + Pieces(shape) + depth)) + second, TreeSteps.DownCount(tree, rank));
        }

        return timetable;
    }
}
