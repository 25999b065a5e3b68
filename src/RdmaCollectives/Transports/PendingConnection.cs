namespace RdmaCollectives.Transports;

/// <summary>
/// A connection between its two halves. Both ends: <see cref="Transport.BeginConnect"/>, exchange <see cref="LocalInfo"/> over the control plane, <see cref="Complete"/>,
/// exchange an empty "ready", <see cref="Confirm"/>. Nothing is sent over a connection before both ends are ready.
/// </summary>
internal abstract class PendingConnection : IDisposable
{
    /// <summary>What the peer needs for its <see cref="Complete"/>. At most 64 KiB. Travels sealed, so it may hold keys.</summary>
    public abstract byte[] LocalInfo { get; }

    /// <summary>Takes what the peer sent and returns the connections of channels 0, 1, ... Ends by the deadline of the context. Throws for what the peer sent wrong or the system refuses.</summary>
    /// <exception cref="CollectiveException">The system refused; the message says what and the remedy.</exception>
    public abstract Connection[] Complete(ReadOnlySpan<byte> remoteInfo);

    /// <summary>Both ends are ready: names that were only needed to find each other can go.</summary>
    public virtual void Confirm()
    {
    }

    /// <summary>Frees what <see cref="Complete"/> did not hand over.</summary>
    public abstract void Dispose();
}
