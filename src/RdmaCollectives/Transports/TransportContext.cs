using Microsoft.Extensions.Logging;

namespace RdmaCollectives.Transports;

/// <summary>What a transport is given when it is made: agreed sizes, this rank's place, and options.</summary>
internal sealed record TransportContext
{
    public required int Rank { get; init; }

    public required int WorldSize { get; init; }

    /// <summary>The largest payload of a message, agreed by all ranks; a multiple of 64.</summary>
    public required int SlotBytes { get; init; }

    /// <summary>Messages per FIFO, agreed by all ranks; a power of two, 2..4096.</summary>
    public required int SlotCount { get; init; }

    /// <summary>The membership epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary>Random per communicator and the same on all its ranks: names and tokens are derived from it.</summary>
    public required ulong CommunicatorId { get; init; }

    /// <summary>How many channels each pair of ranks on this rank's host has; empty where nobody asks.</summary>
    public IReadOnlyList<int> ChannelsOfLocalPairs { get; init; } = [];

    /// <summary>The most that a set-up step may take.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>To the same transport of other ranks, beside the data; null where there is none, as between the ends of a test.</summary>
    public ISideChannel? SideChannel { get; init; }

    /// <summary>Frozen options of the communicator.</summary>
    public required ResolvedOptions Options { get; init; }

    public required ILoggerFactory LoggerFactory { get; init; }
}
