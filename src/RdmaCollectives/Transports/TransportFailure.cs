namespace RdmaCollectives.Transports;

/// <summary>A failure as a value: which peer, the native code, and a sentence. It becomes an exception once, at the top.</summary>
/// <param name="Peer">The peer rank at the other end, or -1 where the transport as a whole failed.</param>
/// <param name="NativeError">errno or completion status, 0 where there is none.</param>
/// <param name="Message">What happened and what to do, in words.</param>
/// <param name="ConnectionEnded">The other end is gone (end of file, reset, retries exceeded): the control plane's word on who died is worth a short wait.</param>
internal sealed record TransportFailure(int Peer, int NativeError, string Message, bool ConnectionEnded)
{
    private const int BrokenPipe = 32;
    private const int ConnectionReset = 104;

    /// <summary>The kernel of the other end closed it. Its process ended, left, or fenced itself off: word of that is on its way, however slow the ranks are.</summary>
    public bool WasClosedThere => ConnectionEnded && NativeError is 0 or BrokenPipe or ConnectionReset;
}
