using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Schedules;

namespace RdmaCollectives;

/// <summary>Options after explicit values, environment, file and defaults were brought together: immutable and valid.</summary>
internal sealed record ResolvedOptions
{
    public required int Rank { get; init; }

    public required int WorldSize { get; init; }

    /// <summary>As the launcher says it, or null: counted from the ranks of the same host.</summary>
    public int? LocalRank { get; init; }

    /// <summary><c>host:port</c>, or null where the world is one process.</summary>
    public string? Rendezvous { get; init; }

    /// <summary>Rank 0 hosts the rendezvous itself (torchrun-style variables, or no launcher).</summary>
    public bool RankZeroHostsRendezvous { get; init; }

    /// <summary>The secret's bytes, or null.</summary>
    public byte[]? Secret { get; init; }

    public bool Insecure { get; init; }

    /// <summary>Null: the join is not over TLS.</summary>
    public TlsFiles? Tls { get; init; }

    public string JobId { get; init; } = "";

    /// <summary>What the user said, or null for the kernel's own.</summary>
    public string? HostId { get; init; }

    /// <summary>Allowed transports by <see cref="Transports.TransportIndex"/>.</summary>
    public required bool[] AllowedTransports { get; init; }

    public EncryptionScope Encryption { get; init; }

    public string? Interface { get; init; }

    public string? Device { get; init; }

    public bool MemoryWindows { get; init; }

    public long? RegisteredMemory { get; init; }

    public bool AdaptiveRouting { get; init; }

    public bool Push { get; init; } = true;

    public int? GidIndex { get; init; }

    public int? PartitionKey { get; init; }

    public int ServiceLevel { get; init; }

    public int TrafficClass { get; init; }

    /// <summary><see cref="FlowLabel"/> where each queue pair has one of its own.</summary>
    public const int AutomaticFlowLabel = -1;

    public int FlowLabel { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>This process comes after the start: <see cref="Rank"/> and <see cref="WorldSize"/> are given by the rendezvous, and here 0 and 1.</summary>
    public bool IsNewcomer { get; init; }

    /// <summary>How long another host may be silent before its ranks are given up.</summary>
    public TimeSpan HostTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public int ChunkBytes { get; init; } = 128 * 1024;

    public int Slots { get; init; } = 4;

    public int Channels { get; init; } = 2;

    public WaitMode Wait { get; init; }

    /// <summary>Null: chosen from local ranks and processors.</summary>
    public int? SpinMicroseconds { get; init; }

    public bool BitExact { get; init; }

    /// <summary>The user's schedules, from the program and from files.</summary>
    public IReadOnlyList<ISchedule> Schedules { get; init; } = [];

    /// <summary>0: off.</summary>
    public int FlightRecorderEntries { get; init; } = 1024;

    /// <summary>Null: dumps are written on request alone.</summary>
    public string? DumpDirectory { get; init; }

    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
