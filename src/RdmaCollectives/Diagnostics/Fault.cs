namespace RdmaCollectives.Diagnostics;

/// <summary>One fault of a communicator, as every rank gets to know it. Immutable; shared by all exceptions that tell of it.</summary>
internal sealed record Fault
{
    public required Error Error { get; init; }

    /// <summary>The rank that noticed it; -1 for the control plane itself.</summary>
    public required int Reporter { get; init; }

    /// <summary>The rank that it is about: who died, who disagreed, whose token was cancelled; -1 if none.</summary>
    public required int Peer { get; init; }

    /// <summary>What happened and what to do, in a sentence. Of a verdict also what each rank did, in a second line.</summary>
    public required string Message { get; init; }

    public int NativeError { get; init; }

    /// <summary>For <see cref="Error.PeerDied"/>: the peer's process has certainly ended. False: contact with it was lost, and it may live.</summary>
    public bool IsProven { get; init; }

    /// <summary>When it was noticed, by the clock of the reporter's host.</summary>
    public DateTimeOffset When { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>The reporter's own call, where it was in one.</summary>
    public CallDescription? Call { get; init; }

    /// <summary>For a mismatch, the call of <see cref="Peer"/>.</summary>
    public CallDescription? PeerCall { get; init; }

    /// <summary>Of a verdict: what each rank did, by rank. Empty before the ranks have told each other.</summary>
    public IReadOnlyList<RankState> Ranks { get; init; } = [];
}
