using RdmaCollectives.Diagnostics;

namespace RdmaCollectives;

/// <summary>
/// Ranks made calls that do not go together (operation, type, operator, count, root, order), or wait for each other in a circle. Thrown on every rank of the communicator, by the call that it is in or makes
/// next. The remedy is in the program; the message names the calls.
/// </summary>
public sealed class CollectiveMismatchException : CollectiveException
{
    internal CollectiveMismatchException(Fault fault, string ownCall, string? peerCall, ulong sequence)
        : base(fault, ownCall, sequence, innerException: null)
    {
        OwnCall = ownCall;
        PeerCall = peerCall;
    }

    /// <summary>The call that this rank made.</summary>
    public string OwnCall { get; }

    /// <summary>The call that it does not go with; on a rank that is not one of the two, the call of one of these. Null when the rank that made it could not be asked.</summary>
    public string? PeerCall { get; }
}
