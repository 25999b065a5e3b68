namespace RdmaCollectives.Schedules;

/// <summary>What a schedule computes; the verifier's postcondition. The numbers are the wire's.</summary>
public enum CollectiveKind : byte
{
    /// <summary>Every rank ends with the reduction of all inputs.</summary>
    AllReduce = 0,
}
