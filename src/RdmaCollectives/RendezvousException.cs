namespace RdmaCollectives;

/// <summary>The ranks could not be brought together: unreachable, refused, a rank taken twice, differing options, not all there in time. The answer is a retry or the configuration; the message says which.</summary>
public sealed class RendezvousException : CollectiveException
{
    internal RendezvousException(string message, int rank = -1, int peer = -1, int nativeError = 0, Exception? innerException = null)
        : base(Error.Rendezvous, message, rank, peer, nativeError: nativeError, innerException: innerException)
    {
    }
}
