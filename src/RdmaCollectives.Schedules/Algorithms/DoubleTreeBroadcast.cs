namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Broadcast over two complementary binary trees: the root gives half of the chunks to each, chunk after chunk. Every rank sends about one buffer, as in a chain, with log2 n hops in place of n: for middle and large messages over many ranks.
/// </summary>
/// <remarks>
/// <para>Both trees are over all ranks but the root, which is on top of both. A rank has children in one tree and is a leaf in the other; if there is an odd number of them one is a leaf in both. With h the height of a tree, each has 2h chunks. Rank r, at depth d,
/// chunk k of a tree, at time 2 (d + k), one later in the second tree:</para>
/// <code>
/// root            Send; Copy to its own output
/// no children     Receive
/// one or two      ReceiveCopySend, Send to the second child
/// </code>
/// <para>Every message is taken two units of time after it is sent, so the order by time does not deadlock.
/// The root sends its input, and copies it to its output when all is sent; in place that copy changes nothing.</para>
/// <para>Cost: about h + 2h times (alpha + 2 beta S/(4h)): 3h alpha + 1.5 beta S, of which a rank sends at most 1 buffer.
/// Source: Sanders, Speck and Träff, Two-tree algorithms for full bandwidth broadcast, reduction and scan, Parallel Computing 2009.</para>
/// </remarks>
public sealed class DoubleTreeBroadcast : ChannelSchedule
{
    private DoubleTreeBroadcast()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static DoubleTreeBroadcast Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "double-tree";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.Broadcast;

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
            return Step.Copy(channel, first, StepBuffer.Input, first, StepBuffer.Output);
        }

        (int line, int piece, int j) = TimetableOf(shape, rank).Find(index);
        bool isSecond = line == 1;
        return TreeSteps.Broadcast(TreeOf(shape, isSecond), rank, new StepRange(channel, first + (isSecond ? Pieces(shape) : 0) + piece), j);
    }

    private static DoubleTree TreeOf(in Shape shape, bool isSecond) => DoubleTree.Under(shape.Ranks, shape.Root, isSecond);

    private static int Pieces(in Shape shape) => 2 * TreeOf(shape, isSecond: false).Height;

    private static Timetable TimetableOf(in Shape shape, int rank)
    {
        var timetable = new Timetable(Pieces(shape));
        for (int second = 0; second < 2; second++)
        {
            DoubleTree tree = TreeOf(shape, second == 1);
            timetable.Add((2 * tree.Depth(rank)) + second, TreeSteps.BroadcastCount(tree, rank));
        }

        return timetable;
    }
}
