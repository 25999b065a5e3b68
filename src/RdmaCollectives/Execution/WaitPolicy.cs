namespace RdmaCollectives.Execution;

/// <summary>How long a wait spins and yields before it sleeps.</summary>
/// <param name="Spin">Busy looking, with pauses.</param>
/// <param name="Yield">After that, looking with a yield between looks.</param>
internal readonly record struct WaitPolicy(TimeSpan Spin, TimeSpan Yield)
{
    /// <summary>
    /// The policy for this rank. Where every local rank has a processor of its own a wait spins for longer than a small message takes. Not much longer: a yield returns at once on a
    /// processor that nobody else wants, and on one that the awaited rank wants (the scheduler puts both on one now and then) a spin of 50 us made every call take 100. Where
    /// ranks share processors a spin only keeps the awaited rank from running, so the first thing a wait does is to yield.
    /// </summary>
    /// <param name="localRanks">Ranks on this host.</param>
    /// <param name="processors">Processors that this process may use (the runtime counts affinity and cgroup quota).</param>
    /// <param name="spinMicroseconds">The user's own choice, or null.</param>
    public static WaitPolicy Choose(int localRanks, int processors, int? spinMicroseconds)
    {
        TimeSpan spin = spinMicroseconds is { } chosen
            ? TimeSpan.FromMicroseconds(chosen)
            : localRanks <= processors ? TimeSpan.FromMicroseconds(5) : TimeSpan.Zero;
        return new WaitPolicy(spin, TimeSpan.FromMilliseconds(1));
    }
}
