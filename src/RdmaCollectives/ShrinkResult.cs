namespace RdmaCollectives;

/// <summary>What <see cref="Communicator.Shrink"/> returns: the new communicator, and how far each of its ranks had come in the old one.</summary>
public sealed class ShrinkResult
{
    internal ShrinkResult(Communicator communicator, int[] oldRanks, ulong[] completed)
    {
        Communicator = communicator;
        Survivors = [.. oldRanks.Select((old, rank) => new Survivor(old, rank, rank < completed.Length ? completed[rank] : 0))];
        LowestCompleted = completed.Min();
    }

    /// <summary>The communicator of the survivors. The caller disposes it, and the old one.</summary>
    public Communicator Communicator { get; }

    /// <summary>Its ranks, in their order.</summary>
    public IReadOnlyList<Survivor> Survivors { get; }

    /// <summary>
    /// The last collective call of the old communicator that all survivors completed, counted from 1 (0: none). Completion is not uniform: some of them may have completed one or more calls beyond it.
    /// Either all go back to their state after this call, or one broadcasts its own.
    /// </summary>
    public ulong LowestCompleted { get; }

    /// <summary>The epoch of <see cref="Communicator"/>.</summary>
    public int Epoch => Communicator.Epoch;
}
