using Microsoft.Extensions.Logging;
using RdmaCollectives.Configuration;
using RdmaCollectives.Schedules;

namespace RdmaCollectives;

/// <summary>
/// How a communicator is made. A property left at null is taken from its environment variable, then from the file named by <c>RDMACC_CONFIG_FILE</c>, then from the default.
/// The options are copied when the communicator is created; later changes have no effect. <c>rdmacc config</c> lists every value and where it came from.
/// </summary>
public sealed class CommunicatorOptions
{
    /// <summary>This process' rank, 0 to <see cref="WorldSize"/> - 1. <c>RDMACC_RANK</c>, else <c>RANK</c>.</summary>
    public int? Rank { get; set; }

    /// <summary>The number of ranks. <c>RDMACC_WORLD_SIZE</c>, else <c>WORLD_SIZE</c>; without any of them the world is this process alone.</summary>
    public int? WorldSize { get; set; }

    /// <summary>This process' rank among those of its host; by default counted from the ranks that are there. <c>RDMACC_LOCAL_RANK</c>, else <c>LOCAL_RANK</c>.</summary>
    public int? LocalRank { get; set; }

    /// <summary>Where ranks meet, <c>host:port</c>. <c>RDMACC_RENDEZVOUS</c>, else <c>MASTER_ADDR</c> and <c>MASTER_PORT</c> (then rank 0 hosts it there).</summary>
    public string? Rendezvous { get; set; }

    /// <summary>Rank 0 hosts the rendezvous itself, at <see cref="Rendezvous"/>; by default only where that comes from <c>MASTER_ADDR</c>. A launcher of ours hosts it otherwise. <c>RDMACC_HOST_RENDEZVOUS</c>.</summary>
    public bool? HostRendezvous { get; set; }

    /// <summary>The job's secret, at least 16 characters. <c>RDMACC_SECRET</c>.</summary>
    public string? Secret { get; set; }

    /// <summary>A file that holds the secret; goes before <see cref="Secret"/>. <c>RDMACC_SECRET_FILE</c>.</summary>
    public string? SecretFile { get; set; }

    /// <summary>Join without a secret although several hosts take part. Warned of once. <c>RDMACC_INSECURE</c>.</summary>
    public bool? Insecure { get; set; }

    /// <summary>A file in PEM form with this process' certificate, then those between it and the authority. Ranks then join over TLS 1.3 with certificates on both sides, beside the secret. With <see cref="TlsKey"/> and <see cref="TlsAuthority"/>, on all ranks or none. <c>RDMACC_TLS_CERTIFICATE</c>.</summary>
    public string? TlsCertificate { get; set; }

    /// <summary>The file with the private key of <see cref="TlsCertificate"/>. <c>RDMACC_TLS_KEY</c>.</summary>
    public string? TlsKey { get; set; }

    /// <summary>The file with the certificates of the authorities that are trusted for the join, and of no others. <c>RDMACC_TLS_CA</c>.</summary>
    public string? TlsAuthority { get; set; }

    /// <summary>The name that the certificates of the rendezvous and of all ranks must be for, such as one for the whole job; by default a rank looks for the host name of the rendezvous. <c>RDMACC_TLS_NAME</c>.</summary>
    public string? TlsName { get; set; }

    /// <summary>Tells jobs apart that meet at one address. <c>RDMACC_JOB_ID</c>.</summary>
    public string? JobId { get; set; }

    /// <summary>The identity of this host, instead of the kernel's boot id. Ranks with the same identity try shared memory. <c>RDMACC_HOST_ID</c>.</summary>
    public string? HostId { get; set; }

    /// <summary>The transports that may be used: <c>auto</c> (all), or a list such as <c>shm,tcp</c>. <c>RDMACC_TRANSPORTS</c>.</summary>
    public string? Transports { get; set; }

    /// <summary>Which payload is encrypted; none by default. The same on all ranks. <c>RDMACC_ENCRYPT</c>.</summary>
    public EncryptionScope? Encryption { get; set; }

    /// <summary>The network interface or address for TCP, such as <c>eth0</c> or <c>10.0.0.0/8</c>. <c>RDMACC_INTERFACE</c>.</summary>
    public string? Interface { get; set; }

    /// <summary>The RDMA devices for verbs, a rail each: <c>name</c> or <c>name:port</c>, or several with commas, at most as many as channels. <c>RDMACC_DEVICE</c>.</summary>
    public string? Device { get; set; }

    /// <summary>Over verbs each peer reaches this rank's slots through a memory window of type 2, whose key is good on its own connection alone; else through the key of the registration. <c>RDMACC_MEMORY_WINDOWS</c>.</summary>
    public bool? MemoryWindows { get; set; }

    /// <summary>
    /// Over verbs, for fabrics whose switches send the packets of one write by different ways (adaptive routing): data in a write of its own, and its announcement in an empty one behind it. Costs a packet per message.
    /// <c>RDMACC_ADAPTIVE_ROUTING</c>.
    /// </summary>
    public bool? AdaptiveRouting { get; set; }

    /// <summary>
    /// Ranks store results straight into each other's outputs, where these are buffers of <see cref="Communicator.Allocate{T}"/>, in shared memory and, for large outputs, over verbs; on by default. Off, no rank can write another's
    /// memory: shared buffers are sealed against it by the kernel, adapters are given no key to it, and each rank copies its results itself. <c>RDMACC_PUSH</c>.
    /// </summary>
    public bool? Push { get; set; }

    /// <summary>The most memory that this rank registers with RDMA adapters for a communicator, in bytes, each rail counted: slots of connections, and buffers. More is an error; no limit where not set. <c>RDMACC_REGISTERED_MEMORY</c>.</summary>
    public long? RegisteredMemory { get; set; }

    /// <summary>The GID index to use on that device, instead of the one that would be picked. <c>RDMACC_GID_INDEX</c>.</summary>
    public int? GidIndex { get; set; }

    /// <summary>The partition key to use on that device, such as 0x8001, one of the port's own; by default the first of them. <c>RDMACC_PKEY</c>.</summary>
    public int? PartitionKey { get; set; }

    /// <summary>The InfiniBand service level of what goes over verbs, 0 to 15; on RoCE some devices take it for the priority. The same on all ranks. <c>RDMACC_SERVICE_LEVEL</c>.</summary>
    public int? ServiceLevel { get; set; }

    /// <summary>The traffic class of what goes over verbs, 0 to 255; on RoCE v2 the IP type of service, so four times the DSCP. The same on all ranks. <c>RDMACC_TRAFFIC_CLASS</c>.</summary>
    public int? TrafficClass { get; set; }

    /// <summary>The flow label of what goes over verbs, 0 to 1048575 (0xfffff), or <c>auto</c> for one of its own per queue pair. The same on all ranks. <c>RDMACC_FLOW_LABEL</c>.</summary>
    public string? FlowLabel { get; set; }

    /// <summary>The deadline of every operation; 5 minutes. <c>RDMACC_TIMEOUT</c>, in seconds.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>How long ranks wait for each other at creation; 1 minute. <c>RDMACC_JOIN_TIMEOUT</c>, in seconds.</summary>
    public TimeSpan? JoinTimeout { get; set; }

    /// <summary>
    /// This process joins a job that has started, and waits to be taken in by its members; <see cref="Rank"/> and <see cref="WorldSize"/> are not needed and not looked at. <c>RDMACC_NEWCOMER</c>.
    /// </summary>
    public bool? Newcomer { get; set; }

    /// <summary>
    /// How long another host may be silent before its ranks are given up; 5 seconds. Its kernel answers, so a process that stands still is not given up. <c>RDMACC_HOST_TIMEOUT</c>, in seconds.
    /// </summary>
    public TimeSpan? HostTimeout { get; set; }

    /// <summary>The largest message between two ranks in bytes, a multiple of 64, 4 KiB to 8 MiB. <c>RDMACC_CHUNK_BYTES</c>.</summary>
    public int? ChunkBytes { get; set; }

    /// <summary>Messages in flight per connection, a power of two, 2 to 4096. <c>RDMACC_SLOTS</c>.</summary>
    public int? Slots { get; set; }

    /// <summary>Channels side by side for large calls, 1 to 16. <c>RDMACC_CHANNELS</c>.</summary>
    public int? Channels { get; set; }

    /// <summary>What a rank does while it waits inside a call: look, or sleep. <c>RDMACC_WAIT</c>.</summary>
    public WaitMode? Wait { get; set; }

    /// <summary>How long an adaptive wait spins before it yields, in microseconds; by default it depends on whether ranks share processors. <c>RDMACC_SPIN</c>.</summary>
    public int? SpinMicroseconds { get; set; }

    /// <summary>Every reduction in the fixed tree over the ranks, so that its bits do not depend on size, chunks, channels, transport or hosts (docs/numerics.md); also per call. The same on all ranks. <c>RDMACC_BIT_EXACT</c>.</summary>
    public bool? BitExact { get; set; }

    /// <summary>Schedules of the user's own, for calls that name them (<see cref="OperationOptions.Algorithm"/>); the same on all ranks. Each is verified before it runs first.</summary>
    public IReadOnlyList<ISchedule>? Schedules { get; set; }

    /// <summary>Files of schedules in JSON (docs/schedules.md), separated by commas, beside <see cref="Schedules"/>. <c>RDMACC_SCHEDULES</c>.</summary>
    public string? ScheduleFiles { get; set; }

    /// <summary>How many calls of a communicator the flight recorder keeps, a power of two from 16 to 65536, or 0 for none (docs/flight-recorder.md); 1024. A call costs about 128 bytes and one look at the clock. <c>RDMACC_FLIGHT_RECORDER</c>.</summary>
    public int? FlightRecorderEntries { get; set; }

    /// <summary>The directory that the flight recorder is written to at a fault and at SIGQUIT, a file per rank and communicator; made where it is missing. Without it neither happens, and SIGQUIT is left alone. <c>RDMACC_DUMP_DIRECTORY</c>.</summary>
    public string? DumpDirectory { get; set; }

    /// <summary>A file of lines <c>RDMACC_NAME = value</c>, for what neither the program nor the environment sets; <c>#</c> begins a comment line. <c>RDMACC_CONFIG_FILE</c>.</summary>
    public string? ConfigFile { get; set; }

    /// <summary>Where log messages go; nowhere by default.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Every option as it stands now for this process: value, where it came from, and what is wrong with it. Secrets are not shown. Throws for no value.</summary>
    public IReadOnlyList<OptionValue> Describe() => OptionResolver.Describe(this, OptionInputs.OfThisProcess());
}
