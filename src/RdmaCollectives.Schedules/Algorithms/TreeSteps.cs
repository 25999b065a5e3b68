namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>The steps of a rank in a tree: sums go up to the root, or a value comes down from it.</summary>
/// <remarks>
/// A child whose rank is higher stands to the right of what its parent has so far, one whose rank is lower to the left. In a tree whose subtrees are ranges of ranks, with the nearest
/// children first, every sum is therefore in rank order. Nothing is stored over what a child or parent may still be reading: what a rank sends up, it never touches again until
/// the result comes down, which needs that message; a partial sum is sent straight from the step that computes it.
/// </remarks>
internal static class TreeSteps
{
    /// <summary>How many steps a rank has on the way up.</summary>
    public static int UpCount<TTree>(in TTree tree, int rank)
        where TTree : struct, IRankTree => Math.Max(1, tree.ChildCount(rank));

    /// <summary>Step <paramref name="j"/> on the way up: one per child, or the send of a leaf. A tree of one rank copies its input.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="rank">The rank whose step it is.</param>
    /// <param name="range">The chunks.</param>
    /// <param name="j">The step, from 0 on.</param>
    /// <param name="keep">Where this rank keeps partial sums; at the root, the result.</param>
    /// <param name="handTo">The rank that the root of the tree gives the result to, or -1 to keep it.</param>
    /// <param name="isFinal">Whether the sum at the root is the result.</param>
    public static Step Up<TTree>(in TTree tree, int rank, in StepRange range, int j, StepBuffer keep, int handTo = -1, bool isFinal = true)
        where TTree : struct, IRankTree
    {
        (int channel, int chunk, int count) = range;
        int parent = tree.Parent(rank);
        int to = parent >= 0 ? parent : handTo;
        int children = tree.ChildCount(rank);
        if (children == 0)
        {
            return to >= 0 ? Step.Send(channel, chunk, to, count: count) : Step.Copy(channel, chunk, StepBuffer.Input, chunk, keep, isFinal, count);
        }

        int child = tree.Child(rank, j);
        StepBuffer own = j == 0 ? StepBuffer.Input : keep;
        bool isLast = j == children - 1;
        bool finishes = isFinal && isLast && parent < 0;
        return isLast && to >= 0
            ? Step.ReceiveReduceSend(channel, chunk, child, to, own, finishes, isOwnLeft: child > rank, count)
            : Step.ReceiveReduce(channel, chunk, child, own, keep, finishes, isOwnLeft: child > rank, count);
    }

    /// <summary>How many steps a rank has on the way down.</summary>
    public static int DownCount<TTree>(in TTree tree, int rank)
        where TTree : struct, IRankTree
    {
        int children = tree.ChildCount(rank);
        return tree.Parent(rank) < 0 ? children : Math.Max(1, children);
    }

    /// <summary>Step <paramref name="j"/> on the way down: one per child, the largest subtree first, as its way is the longest. All ranks but the root store in their output.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="rank">The rank whose step it is.</param>
    /// <param name="range">The chunks.</param>
    /// <param name="j">The step, from 0 on.</param>
    /// <param name="at">Where the root has the value.</param>
    public static Step Down<TTree>(in TTree tree, int rank, in StepRange range, int j, StepBuffer at = StepBuffer.Output)
        where TTree : struct, IRankTree
    {
        (int channel, int chunk, int count) = range;
        int parent = tree.Parent(rank);
        int children = tree.ChildCount(rank);
        if (children == 0)
        {
            return Step.Receive(channel, chunk, parent, count: count);
        }

        int child = tree.Child(rank, children - 1 - j);
        return parent < 0 ? Step.Send(channel, chunk, child, at, count)
            : j == 0 ? Step.ReceiveCopySend(channel, chunk, parent, child, count: count)
            : Step.Send(channel, chunk, child, StepBuffer.Output, count);
    }

    /// <summary>How many steps a rank has in a broadcast: the way down, and at the root a copy.</summary>
    public static int BroadcastCount<TTree>(in TTree tree, int rank)
        where TTree : struct, IRankTree => DownCount(tree, rank) + (tree.Parent(rank) < 0 ? 1 : 0);

    /// <summary>Step <paramref name="j"/> of a broadcast: the way down. The root sends its input, and then copies it to its output, which in place changes nothing.</summary>
    public static Step Broadcast<TTree>(in TTree tree, int rank, in StepRange range, int j)
        where TTree : struct, IRankTree =>
        j < DownCount(tree, rank)
            ? Down(tree, rank, range, j, StepBuffer.Input)
            : Step.Copy(range.Channel, range.Chunk, StepBuffer.Input, range.Chunk, StepBuffer.Output, count: range.Count);
}
