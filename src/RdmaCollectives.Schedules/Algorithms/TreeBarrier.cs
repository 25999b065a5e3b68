namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Barrier over a binomial tree: ranks tell their parents that their subtrees have begun, and when rank 0 has heard of all it tells its children that they may go on. 2 (n-1) messages in all, fewer than any other barrier over many ranks, in
/// twice the hops of <see cref="DisseminationBarrier"/>.
/// </summary>
/// <remarks>
/// <code>
/// up              Receive from each child, the nearest first; Send to the parent
/// down            Receive from the parent; Send to each child, the farthest first
/// </code>
/// <para>Messages have no content. A FIFO has one message. The root sends log2 n messages, rounded up, and a leaf, which every second rank is, sends one.</para>
/// </remarks>
public sealed class TreeBarrier : ISchedule
{
    private TreeBarrier()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static TreeBarrier Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "tree";

    /// <inheritdoc/>
    public CollectiveKind Collective => CollectiveKind.Barrier;

    /// <inheritdoc/>
    public int ChunkCount(in Shape shape) => 1;

    /// <inheritdoc/>
    public int ChannelOf(in Shape shape, int chunk) => 0;

    /// <inheritdoc/>
    public int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    public int StepCount(in Shape shape, int rank) => 2 * (new KnomialTree(shape.Ranks).ChildCount(rank) + (rank > 0 ? 1 : 0));

    /// <inheritdoc/>
    public Step GetStep(in Shape shape, int rank, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)rank, (uint)shape.Ranks, nameof(rank));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StepCount(shape, rank), nameof(index));
        var tree = new KnomialTree(shape.Ranks);
        int half = StepCount(shape, rank) / 2;

        // Down is up in reverse, with sending and receiving exchanged.
        bool isUp = index < half;
        int i = isUp ? index : (2 * half) - 1 - index;
        int children = tree.ChildCount(rank);
        int peer = i < children ? tree.Child(rank, i) : tree.Parent(rank);
        return (i < children) == isUp ? Step.Receive(0, 0, peer) : Step.Send(0, 0, peer);
    }
}
