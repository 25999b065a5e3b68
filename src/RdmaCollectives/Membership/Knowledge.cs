namespace RdmaCollectives.Membership;

/// <summary>What a rank knows of an agreement. It only grows; that of another is merged into it, and the order does not matter.</summary>
internal sealed class Knowledge(int worldSize)
{
    private readonly bool[] _dead = new bool[worldSize];
    private readonly Ballot[] _promised = NoPromises(worldSize);
    private readonly ulong[] _completed = new ulong[worldSize];

    /// <summary>The highest vote of anybody, with what it was for.</summary>
    public (Ballot Ballot, Roster Roster)? Vote { get; private set; }

    /// <summary>The highest promise of anybody.</summary>
    public Ballot HighestPromise { get; private set; } = Ballot.None;

    public int WorldSize => worldSize;

    /// <summary>Proven dead, or gone with a goodbye: nothing more comes from it, and what it had told everybody is known.</summary>
    public bool IsDead(int rank) => _dead[rank];

    public Ballot PromiseOf(int rank) => _promised[rank];

    public ulong CompletedBy(int rank) => _completed[rank];

    public void Died(int rank) => _dead[rank] = true;

    public void Promised(int rank, Ballot ballot, ulong completed)
    {
        if (ballot > _promised[rank])
        {
            _promised[rank] = ballot;
        }

        if (ballot > HighestPromise)
        {
            HighestPromise = ballot;
        }

        _completed[rank] = Math.Max(_completed[rank], completed);
    }

    public void Voted(Ballot ballot, Roster roster)
    {
        if (Vote is null || ballot > Vote.Value.Ballot)
        {
            Vote = (ballot, roster);
        }
    }

    public void Merge(Knowledge other)
    {
        for (int rank = 0; rank < worldSize; rank++)
        {
            _dead[rank] |= other._dead[rank];
            Promised(rank, other._promised[rank], other._completed[rank]);
        }

        if (other.Vote is var (ballot, roster))
        {
            Voted(ballot, roster);
        }
    }

    /// <summary>What is known now, for a message.</summary>
    public Knowledge Copy()
    {
        var copy = new Knowledge(worldSize);
        copy.Merge(this);
        return copy;
    }

    private static Ballot[] NoPromises(int count)
    {
        var none = new Ballot[count];
        Array.Fill(none, Ballot.None);
        return none;
    }
}
