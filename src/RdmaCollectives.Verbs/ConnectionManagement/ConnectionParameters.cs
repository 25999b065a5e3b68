namespace RdmaCollectives.Verbs.ConnectionManagement;

/// <summary>What one end of a connection offers the other.</summary>
public sealed class ConnectionParameters
{
    /// <summary>The most bytes of <see cref="PrivateData"/> in a connect request; an accept may carry 196, a reject 148.</summary>
    public const int MaxConnectPrivateByteCount = 56;

    /// <summary>Bytes that the peer receives with the request or its answer.</summary>
    public ReadOnlyMemory<byte> PrivateData { get; init; }

    /// <summary>Reads and atomics of the peer that are served at a time.</summary>
    public byte MaxReadsAsTarget { get; init; } = 1;

    /// <summary>Own reads and atomics that may be under way.</summary>
    public byte MaxReadsAsInitiator { get; init; } = 1;

    /// <summary>How often to send again without an acknowledgement, 0 to 7. Soft-RoCE takes 7 as without end. Only the connecting end decides.</summary>
    public byte RetryCount { get; init; } = 6;

    /// <summary>How often to send again when the peer has no receive posted, 0 to 6; 7 is without end.</summary>
    public byte ReceiverNotReadyRetryCount { get; init; }
}
