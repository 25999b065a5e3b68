namespace RdmaCollectives.Membership;

/// <summary>One attempt to agree; of equal attempts the one of the higher rank counts more, so that no two are equal.</summary>
/// <param name="Attempt">From 1; 0 is no ballot.</param>
/// <param name="Coordinator">The rank of the communicator that collects the votes.</param>
internal readonly record struct Ballot(int Attempt, int Coordinator) : IComparable<Ballot>
{
    public static readonly Ballot None = new(0, -1);

    public bool IsNone => Attempt == 0;

    public static bool operator <(Ballot left, Ballot right) => left.CompareTo(right) < 0;

    public static bool operator >(Ballot left, Ballot right) => left.CompareTo(right) > 0;

    public static bool operator <=(Ballot left, Ballot right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Ballot left, Ballot right) => left.CompareTo(right) >= 0;

    public int CompareTo(Ballot other) => Attempt != other.Attempt ? Attempt.CompareTo(other.Attempt) : Coordinator.CompareTo(other.Coordinator);
}
