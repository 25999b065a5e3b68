namespace RdmaCollectives;

/// <summary>Two ranks made calls that do not go together (operation, type, operator, count, order). The remedy is in the program; the message names both calls.</summary>
public sealed class CollectiveMismatchException : CollectiveException
{
    internal CollectiveMismatchException(string message, int rank, int peer, string ownCall, string? peerCall, ulong sequence)
        : base(Error.Mismatch, message, rank, peer, ownCall, sequence)
    {
        OwnCall = ownCall;
        PeerCall = peerCall;
    }

    /// <summary>The call that this rank made.</summary>
    public string OwnCall { get; }

    /// <summary>The call that the peer made, or null when it could not be asked.</summary>
    public string? PeerCall { get; }
}
