namespace RdmaCollectives.Execution;

/// <summary>How long a wait spins and yields before it sleeps.</summary>
/// <param name="Spin">Busy looking, with pauses.</param>
/// <param name="Yield">After that, looking with a yield between looks.</param>
/// <param name="LooksPerYield">How often it looks before it yields again.</param>
/// <param name="Pauses">Whether the processor pauses between two looks. For memory that another processor is about to write; a look at a completion queue is a pause in itself.</param>
internal readonly record struct WaitPolicy(TimeSpan Spin, TimeSpan Yield, int LooksPerYield = 1, bool Pauses = true)
{
    /// <summary>
    /// Over verbs the awaited rank is on another host, and what a yield lets run here is not it but, on a software device, the kernel's half of that device: a yield after each look costs more than it gives
    /// (8 bytes over Soft-RoCE: 3.6 times the time of a program that looks 16 times between yields).
    /// </summary>
    private const int LooksPerYieldOverVerbs = 16;

    private static readonly TimeSpan s_forEver = TimeSpan.FromDays(36_500);

    /// <summary>
    /// The policy for this rank. Where every local rank has a processor of its own a wait spins for longer than a small message takes. Not much longer: a yield returns at once on a
    /// processor that nobody else wants, and on one that the awaited rank wants (the scheduler puts both on one now and then) a spin of 50 us made every call take 100. Where
    /// ranks share processors a spin only keeps the awaited rank from running, so the first thing a wait does is to yield.
    /// </summary>
    /// <param name="mode">What the user wants.</param>
    /// <param name="localRanks">Ranks of this host that may use the same processors as this one.</param>
    /// <param name="processors">Processors that this process may use (the runtime counts affinity and cgroup quota).</param>
    /// <param name="hasVerbs">Whether it waits for an RDMA device.</param>
    /// <param name="spinMicroseconds">The user's own choice, or null.</param>
    public static WaitPolicy Choose(WaitMode mode, int localRanks, int processors, bool hasVerbs, int? spinMicroseconds)
    {
        switch (mode)
        {
            case WaitMode.Busy:
                return new WaitPolicy(s_forEver, s_forEver, Pauses: !hasVerbs);
            case WaitMode.Event:
                return new WaitPolicy(TimeSpan.Zero, TimeSpan.Zero);
            default:
                bool shares = localRanks > processors;
                TimeSpan spin = spinMicroseconds is { } chosen ? TimeSpan.FromMicroseconds(chosen) : shares ? TimeSpan.Zero : TimeSpan.FromMicroseconds(5);
                return new WaitPolicy(spin, TimeSpan.FromMilliseconds(1), hasVerbs && spin > TimeSpan.Zero ? LooksPerYieldOverVerbs : 1, Pauses: !hasVerbs);
        }
    }
}
