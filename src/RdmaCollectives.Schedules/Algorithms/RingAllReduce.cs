namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-reduce around a ring: every chunk travels once around to be reduced and once more to be handed out. Each rank sends
/// 2(n-1)/n of the buffer, which is the least that any all-reduce can send, in 2(n-1) hops: the choice for large messages.
/// </summary>
/// <remarks>
/// <para>Rank r, step i of a channel, works on chunk (r - 1 - i) mod n, takes from rank r-1 and gives to rank r+1:</para>
/// <code>
/// i = 0            Send                    the chunk starts on its way
/// i = 1 .. n-2     ReceiveReduceSend       it gathers one contribution more
/// i = n-1          ReceiveReduceCopySend   chunk r is complete here: final, kept and handed on
/// i = n .. 2n-3    ReceiveCopySend         a complete chunk is kept and handed on
/// i = 2n-2         Receive                 the last complete chunk, chunk r+1
/// </code>
/// <para>Each chunk is reduced in one order only, from rank c+1 around to rank c, and its result is copied: all ranks hold the same bits. That is not rank order,
/// so reducers that do not commute need another schedule. In place nothing is overwritten too early: the chunk that arrives over the sent one has passed
/// through the receiver of that send. A rank that holds a message and waits for room in the next FIFO, on every rank at once, is a deadlock;
/// the ring therefore needs two credits.</para>
/// <para>Source: Patarasuk and Yuan, Bandwidth optimal all-reduce algorithms for clusters of workstations, JPDC 2009.</para>
/// </remarks>
public sealed class RingAllReduce : ChannelSchedule
{
    private RingAllReduce()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static RingAllReduce Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "ring";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllReduce;

    /// <inheritdoc/>
    public override int MinimumCredits(in Shape shape) => shape.Ranks == 1 ? 0 : 2;

    /// <inheritdoc/>
    private protected override int ChannelChunks(in Shape shape) => shape.Ranks;

    /// <inheritdoc/>
    private protected override int ChannelSteps(in Shape shape, int rank) => (2 * shape.Ranks) - 1;

    /// <inheritdoc/>
    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        int chunk = (channel * n) + Around(rank - 1 - index, n);
        int from = Around(rank - 1, n);
        int to = rank + 1 == n ? 0 : rank + 1;

        return n == 1 ? Step.Copy(channel, chunk, StepBuffer.Input, chunk, StepBuffer.Output, isFinal: true)
            : index == 0 ? Step.Send(channel, chunk, to)
            : index < n - 1 ? Step.ReceiveReduceSend(channel, chunk, from, to)
            : index == n - 1 ? Step.ReceiveReduceCopySend(channel, chunk, from, to, isFinal: true)
            : index < (2 * n) - 2 ? Step.ReceiveCopySend(channel, chunk, from, to)
            : Step.Receive(channel, chunk, from);
    }

    // Modulo n of a value from -2n up: a rank is at most n - 1 steps behind, twice.
    private static int Around(int value, int n) => value >= 0 ? value : value >= -n ? value + n : value + (2 * n);
}
