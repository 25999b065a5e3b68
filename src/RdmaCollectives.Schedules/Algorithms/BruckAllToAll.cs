namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-to-all in ceil(log2 n) messages: a block that has i ranks to go travels over the distances that make up i, and all blocks that go over a distance share a message. Each rank sends about (n/2) log2 n blocks instead of
/// n-1: the choice for tiny blocks on many ranks. Uniform blocks only.
/// </summary>
/// <remarks>
/// <para>Rank r. Scratch memory holds a table of blocks by the distance i that they had to go when they set out, and what is sent and received for distance d = 2^k:</para>
/// <code>
/// Copy                   own block to the output
/// Copy                   the others to the table, in the order of their distances: a cyclic range
/// for d = 1, 2, 4, ... below n: every second run of d entries has d in its distance
///   Copy per run         to the message, one behind the other
///   Send, Receive        to rank r+d, from rank r-d
///   Copy per block       of the first run, which has arrived: block of rank r-i to the output
///   Copy per run         back to the table, the others
/// </code>
/// <para>Where there is one run only it is sent from the table, which is not stored to again: its blocks arrive with the next message. A message that is packed has a place of its own for each distance, as nothing tells when it has
/// been read; received messages share one. So nothing is overwritten. One credit.</para>
/// <para>Cost: ceil(log2 n) hops, up to floor(n/2) blocks in each: ceil(log2 n) (alpha + n/2 beta block). And about 3n local copies: each block is copied three times at most for each message that it is in.</para>
/// <para>Source: Bruck, Ho, Kipnis, Upfal and Weathersby, Efficient algorithms for all-to-all communications in multiport message-passing systems, IEEE TPDS 1997.</para>
/// </remarks>
public sealed class BruckAllToAll : BlockSchedule
{
    private BruckAllToAll()
    {
    }

    /// <summary>The schedule; it holds no state.</summary>
    public static BruckAllToAll Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "bruck";

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllToAll;

    /// <inheritdoc/>
    public override bool Supports(in Shape shape) => shape.Channels == 1 && shape.Ranks <= Step.MaxCount;

    /// <summary>The table, and half a plane for the received message and for each packed one: no message has more than half of the blocks. A message is packed if its blocks are of several runs, as they are if n is above 3d.</summary>
    public override int ScratchPlanes(in Shape shape) => 2 + (Doubling.Count((shape.Ranks + 2) / 3) / 2);

    /// <inheritdoc/>
    public override int MessageChunks(in Shape shape)
    {
        int n = shape.Ranks;
        int most = 1;
        for (int k = 0; k < Doubling.Count(n); k++)
        {
            most = Math.Max(most, new Distance(n, k).Blocks);
        }

        return most;
    }

    private protected override int ChannelSteps(in Shape shape, int rank)
    {
        int n = shape.Ranks;
        int count = n == 1 ? 1 : 2;
        for (int k = 0; k < Doubling.Count(n); k++)
        {
            count += new Distance(n, k).Steps;
        }

        return count;
    }

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        if (index < 2)
        {
            return index == 0 ? Step.Copy(0, rank, StepBuffer.Input, rank, StepBuffer.Output)
                : Step.Copy(0, Cyclic.Ahead(rank, 1, n), StepBuffer.Input, 1, StepBuffer.Scratch, count: n - 1);
        }

        int i = index - 2;
        int k = 0;
        for (; i >= new Distance(n, k).Steps; k++)
        {
            i -= new Distance(n, k).Steps;
        }

        return new Distance(n, k).GetStep(rank, i);
    }

    /// <summary>The steps for distance 2^k of n ranks. The table is plane 0 of scratch, received messages lie in the first half plane behind it, those sent over 2^k in the k-th after that.</summary>
    private readonly record struct Distance(int N, int K)
    {
        private int Length => 1 << K;

        /// <summary>The runs of entries that go over this distance: the numbers below n with bit k set, the last run cut short.</summary>
        private int Runs => (N + Length - 1) / (2 * Length);

        private int PackedRuns => Runs == 1 ? 0 : Runs;

        public int Blocks => ((Runs - 1) * Length) + RunLength(Runs - 1);

        public int Steps => PackedRuns + 2 + RunLength(0) + Runs - 1;

        public Step GetStep(int rank, int index)
        {
            if (index < PackedRuns)
            {
                return Step.Copy(0, Entry(index), StepBuffer.Scratch, HalfPlane(1 + K) + (index * Length), StepBuffer.Scratch, count: RunLength(index));
            }

            int received = HalfPlane(0);
            int i = index - PackedRuns;
            if (i < 2)
            {
                return i == 0 ? Step.Send(0, Runs == 1 ? Entry(0) : HalfPlane(1 + K), Cyclic.Ahead(rank, Length, N), StepBuffer.Scratch, Blocks)
                    : Step.Receive(0, received, Cyclic.Behind(rank, Length, N), StepBuffer.Scratch, Blocks);
            }

            i -= 2;
            if (i < RunLength(0))
            {
                return Step.Copy(0, received + i, StepBuffer.Scratch, Cyclic.Behind(rank, Length + i, N), StepBuffer.Output);
            }

            int run = i - RunLength(0) + 1;
            return Step.Copy(0, received + (run * Length), StepBuffer.Scratch, Entry(run), StepBuffer.Scratch, count: RunLength(run));
        }

        /// <summary>The table's first entry of a run.</summary>
        private int Entry(int run) => Length + (run * 2 * Length);

        private int RunLength(int run) => Math.Min(Length, N - Entry(run));

        private int HalfPlane(int half) => (N * (1 + (half / 2))) + (half % 2 * (N / 2));
    }
}
