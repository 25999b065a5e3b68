namespace RdmaCollectives.Membership;

/// <summary>
/// The members of a communicator's successor. Immutable: the arrays are never written after construction.
/// </summary>
/// <param name="Epoch">The successor's epoch.</param>
/// <param name="Scope">The successor's scope on the control plane, which tells apart rosters that were proposed, too: no two have the same.</param>
/// <param name="Members">Ranks of the old communicator, ascending: their place is their new rank.</param>
/// <param name="Completed">The last collective that each of them completed, by place.</param>
/// <param name="Newcomers">Ranks of the job that come behind the members.</param>
internal sealed record Roster(int Epoch, ulong Scope, int[] Members, ulong[] Completed, int[] Newcomers)
{
    public int Count => Members.Length + Newcomers.Length;

    public bool Contains(int rank) => Array.BinarySearch(Members, rank) >= 0;

    public bool IsSame(Roster other) => Epoch == other.Epoch && Scope == other.Scope && Members.AsSpan().SequenceEqual(other.Members) && Newcomers.AsSpan().SequenceEqual(other.Newcomers);
}
