namespace RdmaCollectives.Schedules.Algorithms;

/// <summary>
/// All-to-all by exchanges: in exchange i, a rank sends its block for the rank i places on and receives that of the rank i places back. Every block goes straight from its input to its output, so each rank sends n-1 blocks, which is the least; blocks may
/// be of any sizes. The forms differ in how many exchanges are begun before the first must be done.
/// </summary>
/// <remarks>
/// <para>Rank r, with a window of w exchanges:</para>
/// <code>
/// Copy                            own block to the output
/// Send             w times        to r+1, ..., r+w
/// Receive, Send    n-1-w times    from r-1, to r+w+1; from r-2, to r+w+2; ...
/// Receive          w times        the last ones
/// </code>
/// <para><see cref="Pairwise"/> has one exchange at a time: each rank sends to one and receives from another one, and no receiver has two senders at the same time as long as the ranks keep step.
/// <see cref="Scattered"/> has <see cref="Window"/> of them under way, so that the latency of one is hidden behind the others. <see cref="Direct"/> begins all at once: one hop, and n-1 messages on their way to every rank.
/// Input and output are never the same memory and every chunk is stored once, so nothing is overwritten. One credit.</para>
/// <para>Cost: n-1 messages and blocks sent: ceil((n-1)/w) alpha + (n-1) beta block.</para>
/// <para>Source: Thakur, Rabenseifner and Gropp, Optimization of collective communication operations in MPICH, IJHPCA 2005.</para>
/// </remarks>
public sealed class ExchangeAllToAll : BlockSchedule
{
    /// <summary>The exchanges under way in <see cref="Scattered"/>.</summary>
    public const int Window = 8;

    private readonly int _window;

    private ExchangeAllToAll(string name, int window)
    {
        Name = name;
        _window = window;
    }

    /// <summary>One exchange at a time: the choice for large blocks.</summary>
    public static ExchangeAllToAll Pairwise { get; } = new("pairwise", 1);

    /// <summary>A bounded number of exchanges at a time: the choice for medium blocks.</summary>
    public static ExchangeAllToAll Scattered { get; } = new("scattered", Window);

    /// <summary>All exchanges at a time: the choice for few ranks and small blocks.</summary>
    public static ExchangeAllToAll Direct { get; } = new("direct", int.MaxValue);

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override CollectiveKind Collective => CollectiveKind.AllToAll;

    /// <inheritdoc/>
    public override ScheduleTraits Traits => ScheduleTraits.VariableBlocks;

    private protected override int ChannelSteps(in Shape shape, int rank) => (2 * shape.Ranks) - 1;

    private protected override Step ChannelStep(in Shape shape, int rank, int channel, int index)
    {
        int n = shape.Ranks;
        if (index == 0)
        {
            return Step.Copy(0, rank, StepBuffer.Input, rank, StepBuffer.Output);
        }

        int exchanges = n - 1;
        int window = Math.Min(_window, exchanges);
        int i = index - 1 - window; // behind the first sends: receives and sends take turns, until all is sent
        int turns = 2 * (exchanges - window);
        return i < 0 ? Send(n, rank, index)
            : i >= turns ? Receive(n, rank, i - turns + exchanges - window + 1)
            : i % 2 == 0 ? Receive(n, rank, (i / 2) + 1)
            : Send(n, rank, window + (i / 2) + 1);
    }

    private static Step Send(int n, int rank, int exchange)
    {
        int to = Cyclic.Ahead(rank, exchange, n);
        return Step.Send(0, to, to);
    }

    private static Step Receive(int n, int rank, int exchange)
    {
        int from = Cyclic.Behind(rank, exchange, n);
        return Step.Receive(0, from, from);
    }
}
