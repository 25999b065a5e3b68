namespace RdmaCollectives.Membership;

/// <summary>Which sets of ranks may decide; ADR 17 says why two of them never decide differently. A class and not a function, so that tests can break it.</summary>
internal class QuorumRule
{
    public static readonly QuorumRule Standard = new();

    /// <summary>Whether these ranks, which promised or voted, may go on for all: more than half of the base, or half of it with its lowest rank.</summary>
    public bool IsQuorum(Knowledge known, bool[] these)
    {
        (int count, int all, int lowest) = Count(known, these);
        return IsEnough(count, all, lowest >= 0 && these[lowest]);
    }

    /// <summary>How many of these ranks there are, in a base of how many, and the base's lowest rank. The base is these and all that are not proven dead.</summary>
    public (int These, int Base, int Lowest) Count(Knowledge known, bool[] these)
    {
        int count = 0;
        int all = 0;
        int lowest = -1;
        for (int rank = 0; rank < these.Length; rank++)
        {
            if (these[rank] || IsInBase(known, rank))
            {
                all++;
                count += these[rank] ? 1 : 0;
                lowest = lowest < 0 ? rank : lowest;
            }
        }

        return (count, all, lowest);
    }

    /// <summary>Whether a rank that is not among them counts against them.</summary>
    protected virtual bool IsInBase(Knowledge known, int rank) => !known.IsDead(rank);

    protected virtual bool IsEnough(int these, int all, bool hasLowest) => 2 * these > all || (2 * these == all && hasLowest);
}
