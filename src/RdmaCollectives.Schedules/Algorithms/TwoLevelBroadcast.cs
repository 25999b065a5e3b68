namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Broadcast in two levels: from the root to one rank on every host, and from there to the other ranks of the host. Every host gets the value once over the network: for small messages with several ranks per host.
/// </summary>
/// <remarks>
/// <para>On every host the rank in the root's place is its head. One tree: a binomial tree over the heads, and below each of them a binomial tree over its host. Rank r:</para>
/// <code>
/// root            Send to each child: heads first, the largest subtree first; Copy to its own output
/// no children     Receive
/// children        ReceiveCopySend to the first child, Send to the others
/// </code>
/// <para>The root sends its input, and copies it to its output when all is sent; in place that copy changes nothing. Each FIFO has one message.</para>
/// <para>Cost, with l ranks on each of m hosts: log2 m hops outside and log2 l inside, rounded up, each alpha + beta S. The root sends as many buffers.</para>
/// </remarks>
public sealed class TwoLevelBroadcast : ChannelSchedule
{
    private TwoLevelBroadcast()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static TwoLevelBroadcast Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "two-level";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.Broadcast;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => 1;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => TreeSteps.BroadcastCount(new Tree(shape), rank);

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index) =>
        TreeSteps.Broadcast(new Tree(shape), rank, new StepRange(channel, channel), index);

    /// <summary>Children in the host come first in the list, as their subtrees are the smaller ones; on the way down that makes them the last.</summary>
    private readonly record struct Tree(Shape Shape) : IRankTree
    {
        private int Local => Shape.LocalRanks;

        private int Place => Shape.Root % Local;

        /// <summary>Over the numbers of the hosts.</summary>
        private RootedTree Heads => new(new KnomialTree(Shape.Ranks / Local), Shape.Root / Local);

        public int Parent(int rank)
        {
            int parent = Host(rank).Parent(rank);
            int head = parent >= 0 ? -1 : Heads.Parent(rank / Local);
            return head < 0 ? parent : (head * Local) + Place;
        }

        public int ChildCount(int rank) => Host(rank).ChildCount(rank) + (IsHead(rank) ? Heads.ChildCount(rank / Local) : 0);

        public int Child(int rank, int index)
        {
            int inHost = Host(rank).ChildCount(rank);
            return index < inHost ? Host(rank).Child(rank, index) : (Heads.Child(rank / Local, index - inHost) * Local) + Place;
        }

        private bool IsHead(int rank) => rank % Local == Place;

        private RootedTree Host(int rank) => new(new KnomialTree(Local), Place, First: rank - (rank % Local));
    }
}
