using System.Globalization;

namespace RdmaCollectives.Diagnostics;

/// <summary>One fault of a communicator, as every rank gets to know it. Immutable; shared by all exceptions that tell of it.</summary>
internal sealed record Fault
{
    public required Error Error { get; init; }

    /// <summary>The rank that noticed it; -1 for the control plane itself.</summary>
    public required int Reporter { get; init; }

    /// <summary>The rank that it is about: who died, who disagreed, whose token was cancelled; -1 if none.</summary>
    public required int Peer { get; init; }

    /// <summary>What happened and what to do, in a sentence.</summary>
    public required string Message { get; init; }

    public int NativeError { get; init; }

    /// <summary>For <see cref="Error.PeerDied"/>: the peer's process has certainly ended. False: contact with it was lost, and it may live.</summary>
    public bool IsProven { get; init; }

    /// <summary>For a mismatch, the reporter's own call.</summary>
    public CallDescription? Call { get; init; }

    public string Describe(string? operation, ulong sequence) =>
        operation is null
            ? Message
            : string.Create(CultureInfo.InvariantCulture, $"{Message} (noticed by rank {Reporter}; this rank was in {operation})");
}
