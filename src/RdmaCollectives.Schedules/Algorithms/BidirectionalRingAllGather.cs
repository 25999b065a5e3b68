namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-gather around a ring in both directions: every block travels to each rank the nearer way, so that the hops are half of those of the ring. Each rank sends n-1 blocks as there,
/// over two links instead of one.
/// </summary>
/// <remarks>
/// <para>A block goes <c>ceil((n-1)/2)</c> hops ahead and <c>floor((n-1)/2)</c> hops back. Rank r, per channel; a block has a piece for each channel:</para>
/// <code>
/// Copy                          own block to the output
/// Send, Send                    own block to r+1 and to r-1
/// then for distance k = 1, 2, ...
///   ReceiveCopySend             block r-k from r-1 to r+1
///   ReceiveCopySend             block r+k from r+1 to r-1
/// where the last one of each direction is a Receive
/// </code>
/// <para>With an even number of ranks the farthest block goes ahead only; with two ranks there is no other direction. Every chunk of the output is stored once, so nothing is overwritten. Credits: two,
/// as in the ring, from four ranks on.</para>
/// <para>Cost: ceil((n-1)/2) hops, n-1 blocks sent, half of them to each neighbour.</para>
/// <para>Source: the ring of Chan, Heimlich, Purkayastha and van de Geijn (CCPE 2007), run in both directions.</para>
/// </remarks>
public sealed class BidirectionalRingAllGather : BlockSchedule
{
    private BidirectionalRingAllGather()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static BidirectionalRingAllGather Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "bidirectional-ring";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllGather;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.VariableBlocks;

    /// <inheritdoc/>
    public override bool Supports(in Shape shape) => true;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : shape.Ranks < 4 ? 1 : 2;

    private protected override int ChannelSteps(in Shape shape, int rank) => SendCount(shape.Ranks) + shape.Ranks;

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        int i = index - 1;
        int own = (rank * shape.Channels) + channel;
        if (i < 0)
        {
            return Step.Copy(channel, own, StepBuffer.Input, own, StepBuffer.Output);
        }

        int next = Cyclic.Ahead(rank, 1, n);
        int previous = Cyclic.Behind(rank, 1, n);
        int sends = SendCount(n);
        if (i < sends)
        {
            return Step.Send(channel, own, i == 0 ? next : previous);
        }

        int taken = i - sends; // of both directions
        int distance = (taken / 2) + 1;
        bool isAhead = taken % 2 == 0;
        int chunk = ((isAhead ? Cyclic.Behind(rank, distance, n) : Cyclic.Ahead(rank, distance, n)) * shape.Channels) + channel;
        (int from, int to) = isAhead ? (previous, next) : (next, previous);
        bool isLast = distance == (isAhead ? n / 2 : (n - 1) / 2);
        return isLast ? Step.Receive(channel, chunk, from) : Step.ReceiveCopySend(channel, chunk, from, to);
    }

    // A direction that reaches nobody has no send.
    private static int SendCount(int n) => Math.Min(n - 1, 2);
}
