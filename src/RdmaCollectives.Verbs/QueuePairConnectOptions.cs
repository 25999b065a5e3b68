namespace RdmaCollectives.Verbs;

/// <summary>How <see cref="QueuePair.Connect"/> treats the connection. The defaults suit a cluster; both ends use the same MTU.</summary>
public sealed record QueuePairConnectOptions
{
    /// <summary>The local port, from 1.</summary>
    public int Port { get; init; } = 1;

    /// <summary>The index of the local GID; null to go by LID alone, inside an InfiniBand subnet.</summary>
    public int? GidIndex { get; init; }

    /// <summary>The sequence number of the first packet sent, 24 bits: the one that was told to the peer.</summary>
    public required uint SequenceNumber { get; init; }

    /// <summary>The smaller of both ports' active MTU.</summary>
    public required PathMtu PathMtu { get; init; }

    /// <summary>How long to wait for an acknowledgement: 4.096 us times 2 to this power. 14 is 67 ms.</summary>
    public byte Timeout { get; init; } = 14;

    /// <summary>How often to send again without one, 0 to 7. Soft-RoCE takes 7 as without end, so that a dead peer is never noticed.</summary>
    public byte RetryCount { get; init; } = 6;

    /// <summary>How often to send again when the peer has no receive posted, 0 to 6; 7 is without end.</summary>
    public byte ReceiverNotReadyRetryCount { get; init; }

    /// <summary>How long a peer waits that found no receive here, as a code; 12 is 0.64 ms.</summary>
    public byte MinReceiverNotReadyTimer { get; init; } = 12;

    /// <summary>Reads and atomics under way at a time, in both directions.</summary>
    public byte MaxReads { get; init; } = 1;

    /// <summary>The service level or priority.</summary>
    public byte ServiceLevel { get; init; }

    /// <summary>The traffic class; on RoCE v2 the IP type of service.</summary>
    public byte TrafficClass { get; init; }

    /// <summary>The flow label, 20 bits; not sent where packets travel by LID alone. Some RoCE v2 devices derive the UDP source port from it.</summary>
    public uint FlowLabel { get; init; }

    /// <summary>The hop limit or time to live.</summary>
    public byte HopLimit { get; init; } = 64;
}
