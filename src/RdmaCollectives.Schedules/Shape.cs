namespace RdmaCollectives.Schedules;

/// <summary>What a schedule is asked for: how many ranks, which root, over how many channels. It knows no bytes, types or transports.</summary>
/// <param name="Ranks">The number of ranks, 1 and up.</param>
/// <param name="Root">The root rank for rooted collectives, else 0.</param>
/// <param name="Channels">How many channels run side by side, each over its own chunks, 1..256.</param>
/// <param name="LocalRanks">How many ranks share a host: ranks 0..LocalRanks-1 are on the first, and so on. Divides <paramref name="Ranks"/>; 1 where hosts do not matter.</param>
public readonly record struct Shape(int Ranks, int Root = 0, int Channels = 1, int LocalRanks = 1)
{
    /// <summary>Throws when a member is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A member is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Ranks, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Root);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Root, Ranks);
        ArgumentOutOfRangeException.ThrowIfLessThan(Channels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Channels, 256);
        ArgumentOutOfRangeException.ThrowIfLessThan(LocalRanks, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Ranks % LocalRanks, 0, nameof(LocalRanks));
    }
}
