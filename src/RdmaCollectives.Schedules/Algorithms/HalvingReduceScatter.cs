namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// Reduce-scatter by exchanges over distances n/2, n/4, ..., 1: in each, a rank and its partner give each other the half of the blocks that the other one goes on with. With a power of two of ranks log2 n hops
/// and n-1 blocks sent: the choice for small and medium messages there. Any other number of ranks costs two hops and n blocks more.
/// </summary>
/// <remarks>
/// <para>Where n is not a power of two, some ranks stand aside behind a neighbour (see <see cref="FoldedRanks"/>): they send their whole input and receive their block when it is done. A rank r that
/// does not, at position v:</para>
/// <code>
/// ReceiveReduce                         all n blocks of rank r+1, if that stands aside, with its own to scratch
/// Send, ReceiveReduce   log2 p times    with position v ^ d, d = p/2, ..., 1: the blocks of the d positions around the partner,
///                                       for those of the d positions around v, which are reduced into scratch; the last to the output
/// Send, Copy                            block r+1 to rank r+1, if that stands aside, and block r to the output
/// </code>
/// <para>The blocks of d aligned positions follow each other: one message, with the same blocks at both ends. The lower position's part is the left operand. Far ranks are combined before near ones, so the order is not that of ranks.
/// What is sent from scratch belongs to the partner from then on and is not stored to again; a rank that stands aside gets its block over its input only after that was taken. One credit.</para>
/// <para>Cost, n = 2^k: log2 n hops, n-1 blocks sent and reduced. Else: floor(log2 n) + 2 hops, and a rank with another behind it reduces up to 2n blocks.</para>
/// <para>Source: Thakur, Rabenseifner and Gropp, Optimization of collective communication operations in MPICH, IJHPCA 2005.</para>
/// </remarks>
public sealed class HalvingReduceScatter : ISchedule
{
    private HalvingReduceScatter()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static HalvingReduceScatter Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "halving";

    /// <inheritdoc/>
    public CollectiveKind Collective => CollectiveKind.ReduceScatter;

    /// <inheritdoc/>
    public ScheduleTraits Traits => ScheduleTraits.VariableBlocks;

    /// <inheritdoc/>
    public bool Supports(in Shape shape) => shape.Channels == 1 && MessageChunks(shape) <= Step.MaxCount;

    /// <inheritdoc/>
    public int ChunkCount(in Shape shape) => shape.Ranks;

    /// <inheritdoc/>
    public int MessageChunks(in Shape shape)
    {
        var folded = new FoldedRanks(shape.Ranks);
        return folded.Aside > 0 ? shape.Ranks : Math.Max(1, folded.Width / 2);
    }

    /// <inheritdoc/>
    public int ChannelOf(in Shape shape, int chunk) => 0;

    /// <inheritdoc/>
    public int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 1;

    /// <inheritdoc/>
    public int StepCount(in Shape shape, int rank)
    {
        var folded = new FoldedRanks(shape.Ranks);
        return shape.Ranks == 1 ? 1
            : folded.IsAside(rank) ? 2
            : (2 * folded.Exchanges) + (folded.IsDouble(rank) ? 3 : 0);
    }

    /// <inheritdoc/>
    public Step GetStep(in Shape shape, int rank, int index)
    {
        int n = shape.Ranks;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)rank, (uint)n, nameof(rank));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StepCount(shape, rank), nameof(index));

        var folded = new FoldedRanks(n);
        if (n == 1)
        {
            return Step.Copy(0, 0, StepBuffer.Input, 0, StepBuffer.Output, isFinal: true);
        }

        if (folded.IsAside(rank))
        {
            return index == 0 ? Step.Send(0, 0, rank - 1, count: n) : Step.Receive(0, rank, rank - 1);
        }

        if (!folded.IsDouble(rank))
        {
            return Exchange(folded, rank, index, index < 2 ? StepBuffer.Input : StepBuffer.Scratch, StepBuffer.Output);
        }

        int step = index - 1;
        return step < 0 ? Step.ReceiveReduce(0, 0, rank + 1, destination: StepBuffer.Scratch, isOwnLeft: true, count: n)
            : step < 2 * folded.Exchanges ? Exchange(folded, rank, step, StepBuffer.Scratch, StepBuffer.Scratch)
            : step == 2 * folded.Exchanges ? Step.Send(0, rank + 1, rank + 1, StepBuffer.Scratch)
            : Step.Copy(0, rank, StepBuffer.Scratch, rank, StepBuffer.Output);
    }

    /// <summary>An exchange: its even step sends, its odd one receives and reduces.</summary>
    private static Step Exchange(in FoldedRanks folded, int rank, int step, StepBuffer source, StepBuffer last)
    {
        int position = folded.PositionOf(rank);
        int distance = folded.Width >> ((step / 2) + 1);
        int partner = position ^ distance;
        int peer = folded.First(partner);
        if (step % 2 == 0)
        {
            int given = partner & -distance;
            return Step.Send(0, folded.First(given), peer, source, folded.Blocks(given, distance));
        }

        int kept = position & -distance;
        bool isLast = distance == 1;
        return Step.ReceiveReduce(
            0, folded.First(kept), peer, source, isLast ? last : StepBuffer.Scratch, isFinal: isLast, isOwnLeft: position < partner, folded.Blocks(kept, distance));
    }
}
