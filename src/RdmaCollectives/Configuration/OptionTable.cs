using System.Numerics;
using System.Text;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Configuration;

/// <summary>Every option, once: what reads it, limits it, lists it (<c>rdmacc config</c>) and documents it (docs/configuration.md).</summary>
internal static class OptionTable
{
    private const int MaxWorldSize = 65_536;
    private const int MinChunkBytes = 4 * 1024;
    private const int MaxChunkBytes = 8 * 1024 * 1024;
    private static readonly TimeSpan ShortestTime = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(7);

    public static OptionDefinition<string> ConfigFile { get; } = Word(
        nameof(CommunicatorOptions.ConfigFile), "RDMACC_CONFIG_FILE", o => o.ConfigFile, "A file of lines 'RDMACC_NAME = value'; # begins a comment line.", "the path of a readable file", "none");

    public static OptionDefinition<int?> Rank { get; } = Integer(
        nameof(CommunicatorOptions.Rank), "RDMACC_RANK", o => o.Rank, "This process' rank.", "0 to world size - 1", 0, MaxWorldSize - 1, "0 where the world size is 1", LaunchEnvironment.Rank, "RANK");

    public static OptionDefinition<int?> WorldSize { get; } = Integer(
        nameof(CommunicatorOptions.WorldSize), "RDMACC_WORLD_SIZE", o => o.WorldSize, "The number of ranks.", "1 to 65536", 1, MaxWorldSize, "1", LaunchEnvironment.WorldSize, "WORLD_SIZE");

    public static OptionDefinition<int?> LocalRank { get; } = Integer(
        nameof(CommunicatorOptions.LocalRank), "RDMACC_LOCAL_RANK", o => o.LocalRank, "This process' rank among those of its host.", "0 to world size - 1", 0, MaxWorldSize - 1, "counted from the ranks of the same host", LaunchEnvironment.LocalRank, "LOCAL_RANK");

    public static OptionDefinition<string> Rendezvous { get; } = new()
    {
        Name = nameof(CommunicatorOptions.Rendezvous),
        Variable = "RDMACC_RENDEZVOUS",
        Explicit = o => o.Rendezvous,
        Description = "Where the ranks meet.",
        Allowed = "host:port or [address]:port, port 1 to 65535",
        DefaultInWords = "none; needed where the world size is more than 1",
        Parse = OptionText.Any,
        IsAllowed = text => RendezvousAddress.TryParse(text) is not null,
        Format = OptionText.Any,
        FromLauncher = LaunchEnvironment.Rendezvous,
        LauncherVariables = "MASTER_ADDR with MASTER_PORT",
    };

    public static OptionDefinition<bool?> HostRendezvous { get; } = Switch(
        nameof(CommunicatorOptions.HostRendezvous), "RDMACC_HOST_RENDEZVOUS", o => o.HostRendezvous, "Rank 0 hosts the rendezvous itself, in place of a launcher.", null, "1 where the address comes from MASTER_ADDR, else 0");

    public static OptionDefinition<string> Secret { get; } = new()
    {
        Name = nameof(CommunicatorOptions.Secret),
        Variable = "RDMACC_SECRET",
        Explicit = o => o.Secret,
        Description = "The job's secret, the same for all ranks and the launcher.",
        Allowed = "at least 16 characters",
        DefaultInWords = "none: only processes of the same user on one host may join",
        IsSecret = true,
        Parse = OptionText.Any,
        IsAllowed = text => text.Length >= 16,
        Format = OptionText.Any,
    };

    public static OptionDefinition<string> SecretFile { get; } = Word(
        nameof(CommunicatorOptions.SecretFile), "RDMACC_SECRET_FILE", o => o.SecretFile, "A file that holds the secret; goes before RDMACC_SECRET.", "the path of a readable file with at least 16 characters", "none");

    public static OptionDefinition<bool?> Insecure { get; } = Switch(
        nameof(CommunicatorOptions.Insecure), "RDMACC_INSECURE", o => o.Insecure, "Join without a secret although several hosts take part: anyone on the network may join too.", false, null);

    public static OptionDefinition<string> TlsCertificate { get; } = Word(
        nameof(CommunicatorOptions.TlsCertificate), "RDMACC_TLS_CERTIFICATE", o => o.TlsCertificate, "The certificate of this process, in PEM: ranks join over TLS 1.3, with certificates on both sides.", "the path of a readable file", "none: the join is not over TLS");

    public static OptionDefinition<string> TlsKey { get; } = Word(
        nameof(CommunicatorOptions.TlsKey), "RDMACC_TLS_KEY", o => o.TlsKey, "The private key of that certificate, in PEM.", "the path of a readable file", "none");

    public static OptionDefinition<string> TlsAuthority { get; } = Word(
        nameof(CommunicatorOptions.TlsAuthority), "RDMACC_TLS_CA", o => o.TlsAuthority, "The certificates of the authorities that are trusted, in PEM.", "the path of a readable file", "none");

    public static OptionDefinition<string> TlsName { get; } = Word(
        nameof(CommunicatorOptions.TlsName), "RDMACC_TLS_NAME", o => o.TlsName, "The name that certificates of both sides must be for.", "a DNS name", "the host of the rendezvous, for its certificate; any for those of ranks");

    public static OptionDefinition<string> JobId { get; } = new()
    {
        Name = nameof(CommunicatorOptions.JobId),
        Variable = "RDMACC_JOB_ID",
        Explicit = o => o.JobId,
        Description = "Tells jobs apart that meet at one address.",
        Allowed = "at most 128 bytes of UTF-8",
        Default = "",
        Parse = OptionText.Any,
        IsAllowed = text => Encoding.UTF8.GetByteCount(text) <= JoinIdentity.MaxJobIdBytes,
        Format = OptionText.Any,
    };

    public static OptionDefinition<string> HostId { get; } = Word(
        nameof(CommunicatorOptions.HostId), "RDMACC_HOST_ID", o => o.HostId, "The identity of this host; ranks with the same one try shared memory.", "any text", "the kernel's boot id");

    public static OptionDefinition<string> Transports { get; } = new()
    {
        Name = nameof(CommunicatorOptions.Transports),
        Variable = "RDMACC_TRANSPORTS",
        Explicit = o => o.Transports,
        Description = "The transports that may be used.",
        Allowed = "auto, or a list of shm, verbs, tcp, loopback with commas between",
        Default = "auto",
        Parse = OptionText.Any,
        IsAllowed = text => OptionText.Transports(text) is not null,
        Format = OptionText.Any,
    };

    public static OptionDefinition<EncryptionScope?> Encryption { get; } = new()
    {
        Name = nameof(CommunicatorOptions.Encryption),
        Variable = "RDMACC_ENCRYPT",
        Explicit = o => o.Encryption,
        Description = "Which payload is encrypted on its way between ranks (AES-256-GCM); the same on all ranks.",
        Allowed = "off, tcp, or all (tcp and verbs)",
        Default = EncryptionScope.Off,
        Parse = OptionText.Encryption,
        IsAllowed = scope => scope is >= EncryptionScope.Off and <= EncryptionScope.All,
        Format = OptionText.Show,
    };

    public static OptionDefinition<string> Interface { get; } = Word(
        nameof(CommunicatorOptions.Interface), "RDMACC_INTERFACE", o => o.Interface, "The network interface or address for TCP, such as eth0 or 10.0.0.0/8.", "a name, an address or a network", "chosen by reachability and speed");

    public static OptionDefinition<string> Device { get; } = Word(
        nameof(CommunicatorOptions.Device), "RDMACC_DEVICE", o => o.Device, "The RDMA devices for verbs, a rail each, at most as many as channels.", "name or name:port, as 'rdmacc devices' lists them, or several with commas", "the first with an active port");

    public static OptionDefinition<bool?> MemoryWindows { get; } = Switch(
        nameof(CommunicatorOptions.MemoryWindows), "RDMACC_MEMORY_WINDOWS", o => o.MemoryWindows, "Over verbs, a key per connection that is good on that connection alone (memory windows of type 2).", false, null);

    public static OptionDefinition<int?> GidIndex { get; } = Integer(
        nameof(CommunicatorOptions.GidIndex), "RDMACC_GID_INDEX", o => o.GidIndex, "The GID index to use on that device.", "0 to 255", 0, 255, "the one that 'rdmacc devices' marks");

    public static OptionDefinition<int?> PartitionKey { get; } = new()
    {
        Name = nameof(CommunicatorOptions.PartitionKey),
        Variable = "RDMACC_PKEY",
        Explicit = o => o.PartitionKey,
        Description = "The partition key to use on that device.",
        Allowed = "0x0001 to 0xffff but for 0x8000, one of the port's as 'rdmacc devices' lists them",
        DefaultInWords = "the first of the port's",
        Parse = OptionText.HexOrInteger,
        IsAllowed = key => key is > 0 and <= 0xffff and not 0x8000,
        Format = OptionText.ShowKey,
    };

    public static OptionDefinition<int?> ServiceLevel { get; } = Integer(
        nameof(CommunicatorOptions.ServiceLevel), "RDMACC_SERVICE_LEVEL", o => o.ServiceLevel, "The service level of what goes over verbs; the same on all ranks.", "0 to 15", 0, 15, null, value: 0);

    public static OptionDefinition<int?> TrafficClass { get; } = Integer(
        nameof(CommunicatorOptions.TrafficClass), "RDMACC_TRAFFIC_CLASS", o => o.TrafficClass, "The traffic class of what goes over verbs, on RoCE v2 four times the DSCP; the same on all ranks.", "0 to 255", 0, 255, null, value: 0);

    public static OptionDefinition<string> FlowLabel { get; } = new()
    {
        Name = nameof(CommunicatorOptions.FlowLabel),
        Variable = "RDMACC_FLOW_LABEL",
        Explicit = o => o.FlowLabel,
        Description = "The flow label of what goes over verbs; the same on all ranks.",
        Allowed = "0 to 0xfffff, or auto (another for each queue pair)",
        Default = "0",
        Parse = OptionText.Any,
        IsAllowed = text => OptionText.FlowLabel(text) is not null,
        Format = OptionText.Any,
    };

    public static OptionDefinition<TimeSpan?> Timeout { get; } = Seconds(
        nameof(CommunicatorOptions.Timeout), "RDMACC_TIMEOUT", o => o.Timeout, "The deadline of every operation, in seconds.", TimeSpan.FromMinutes(5));

    public static OptionDefinition<TimeSpan?> JoinTimeout { get; } = Seconds(
        nameof(CommunicatorOptions.JoinTimeout), "RDMACC_JOIN_TIMEOUT", o => o.JoinTimeout, "How long ranks wait for each other at creation, in seconds.", TimeSpan.FromMinutes(1));

    public static OptionDefinition<TimeSpan?> HostTimeout { get; } = Seconds(
        nameof(CommunicatorOptions.HostTimeout), "RDMACC_HOST_TIMEOUT", o => o.HostTimeout, "How long another host may be silent before its ranks are given up, in seconds.", ControlSocket.DefaultHostTimeout);

    public static OptionDefinition<bool?> Newcomer { get; } = Switch(
        nameof(CommunicatorOptions.Newcomer), "RDMACC_NEWCOMER", o => o.Newcomer, "This process joins a job that has started, and waits to be taken in by Grow; rank and world size are not needed.", false, null);

    public static OptionDefinition<bool?> AdaptiveRouting { get; } = Switch(
        nameof(CommunicatorOptions.AdaptiveRouting), "RDMACC_ADAPTIVE_ROUTING", o => o.AdaptiveRouting, "Over verbs, a message's announcement goes behind its data, for switches that route each packet for itself.", false, null);

    public static OptionDefinition<bool?> Push { get; } = Switch(
        nameof(CommunicatorOptions.Push), "RDMACC_PUSH", o => o.Push, "Ranks store results straight into each other's registered buffers, in shared memory and over verbs; off, no rank can write another's memory.", true, null);

    public static OptionDefinition<long?> RegisteredMemory { get; } = new()
    {
        Name = nameof(CommunicatorOptions.RegisteredMemory),
        Variable = "RDMACC_REGISTERED_MEMORY",
        Explicit = o => o.RegisteredMemory,
        Description = "The most memory that a communicator registers with RDMA adapters on this rank, each rail counted.",
        Allowed = "1 byte or more; K, M and G may follow the number",
        DefaultInWords = "no limit",
        Parse = OptionText.ManyBytes,
        IsAllowed = n => n >= 1,
        Format = OptionText.Show,
    };

    public static OptionDefinition<int?> ChunkBytes { get; } = new()
    {
        Name = nameof(CommunicatorOptions.ChunkBytes),
        Variable = "RDMACC_CHUNK_BYTES",
        Explicit = o => o.ChunkBytes,
        Description = "The largest message between two ranks.",
        Allowed = "4K to 8M, a multiple of 64 bytes; K and M may follow the number",
        Default = 128 * 1024,
        Parse = OptionText.Bytes,
        IsAllowed = n => n is >= MinChunkBytes and <= MaxChunkBytes && n % 64 == 0,
        Format = OptionText.Show,
    };

    public static OptionDefinition<int?> Slots { get; } = new()
    {
        Name = nameof(CommunicatorOptions.Slots),
        Variable = "RDMACC_SLOTS",
        Explicit = o => o.Slots,
        Description = "Messages in flight per connection.",
        Allowed = "a power of two, 2 to 4096",
        Default = 4,
        Parse = OptionText.Integer,
        IsAllowed = n => n is >= 2 and <= 4096 && BitOperations.IsPow2(n.Value),
        Format = OptionText.Show,
    };

    public static OptionDefinition<int?> Channels { get; } = Integer(
        nameof(CommunicatorOptions.Channels), "RDMACC_CHANNELS", o => o.Channels, "Channels side by side for large calls.", "1 to 16", 1, 16, null, value: 2);

    public static OptionDefinition<WaitMode?> Wait { get; } = new()
    {
        Name = nameof(CommunicatorOptions.Wait),
        Variable = "RDMACC_WAIT",
        Explicit = o => o.Wait,
        Description = "What a rank does while it waits inside a call.",
        Allowed = "adaptive (spin, yield, then sleep), busy (look without end), or event (sleep at once)",
        Default = WaitMode.Adaptive,
        Parse = OptionText.Wait,
        IsAllowed = mode => mode is >= WaitMode.Adaptive and <= WaitMode.Event,
        Format = OptionText.Show,
    };

    public static OptionDefinition<int?> Spin { get; } = Integer(
        nameof(CommunicatorOptions.SpinMicroseconds), "RDMACC_SPIN", o => o.SpinMicroseconds, "How long an adaptive wait spins before it yields, in microseconds.", "0 to 1000000", 0, 1_000_000, "by local ranks and processors");

    public static OptionDefinition<bool?> BitExact { get; } = Switch(
        nameof(CommunicatorOptions.BitExact), "RDMACC_BIT_EXACT", o => o.BitExact, "Reduce in the fixed tree over the ranks, so that bits depend on the ranks' elements alone; the same on all ranks.", false, null);

    public static OptionDefinition<string> ScheduleFiles { get; } = Word(
        nameof(CommunicatorOptions.ScheduleFiles), "RDMACC_SCHEDULES", o => o.ScheduleFiles, "Files of schedules of the user's own, in JSON.", "paths of readable files, separated by commas", "none");

    public static OptionDefinition<int?> FlightRecorder { get; } = new()
    {
        Name = nameof(CommunicatorOptions.FlightRecorderEntries),
        Variable = "RDMACC_FLIGHT_RECORDER",
        Explicit = o => o.FlightRecorderEntries,
        Description = "How many calls of a communicator the flight recorder keeps.",
        Allowed = "0 (off), or a power of two, 16 to 65536",
        Default = 1024,
        Parse = OptionText.Integer,
        IsAllowed = n => n == 0 || (n is >= 16 and <= 65_536 && BitOperations.IsPow2(n.Value)),
        Format = OptionText.Show,
    };

    public static OptionDefinition<string> DumpDirectory { get; } = Word(
        nameof(CommunicatorOptions.DumpDirectory), "RDMACC_DUMP_DIRECTORY", o => o.DumpDirectory, "Where the flight recorder is written at a fault and at SIGQUIT.", "the path of a directory, which is made where it is missing", "none: it is written on request alone");

    /// <summary>In the order in which they are listed.</summary>
    public static IReadOnlyList<OptionDefinition> All { get; } =
    [
        Rank, WorldSize, LocalRank, Rendezvous, HostRendezvous, Secret, SecretFile, Insecure, TlsCertificate, TlsKey, TlsAuthority, TlsName, JobId, JoinTimeout, Newcomer, Timeout, HostTimeout,
        Transports, Encryption, HostId, Interface, Device, GidIndex, PartitionKey, ServiceLevel, TrafficClass, FlowLabel, MemoryWindows, AdaptiveRouting, RegisteredMemory, Push, ChunkBytes, Slots, Channels, Wait, Spin, BitExact, ScheduleFiles, FlightRecorder, DumpDirectory, ConfigFile,
    ];

    private static OptionDefinition<int?> Integer(
        string name, string variable, Func<CommunicatorOptions, int?> property, string description, string allowed, int least, int most, string? defaultInWords,
        Func<OptionInputs, (string, string)?>? fromLauncher = null, string? launcherVariables = null, int? value = null) => new()
        {
            Name = name,
            Variable = variable,
            Explicit = property,
            Description = description,
            Allowed = allowed,
            DefaultInWords = defaultInWords,
            Default = value,
            Parse = OptionText.Integer,
            IsAllowed = n => n >= least && n <= most,
            Format = OptionText.Show,
            FromLauncher = fromLauncher,
            LauncherVariables = launcherVariables,
        };

    private static OptionDefinition<bool?> Switch(string name, string variable, Func<CommunicatorOptions, bool?> property, string description, bool? value, string? defaultInWords) => new()
    {
        Name = name,
        Variable = variable,
        Explicit = property,
        Description = description,
        Allowed = "1 or 0 (true or false, yes or no, on or off)",
        Default = value,
        DefaultInWords = defaultInWords,
        Parse = OptionText.Switch,
        IsAllowed = _ => true,
        Format = OptionText.Show,
    };

    private static OptionDefinition<TimeSpan?> Seconds(string name, string variable, Func<CommunicatorOptions, TimeSpan?> property, string description, TimeSpan value) => new()
    {
        Name = name,
        Variable = variable,
        Explicit = property,
        Description = description,
        Allowed = "0.001 to 604800 seconds",
        Default = value,
        Parse = OptionText.Seconds,
        IsAllowed = t => t >= ShortestTime && t <= LongestTime,
        Format = OptionText.Show,
    };

    private static OptionDefinition<string> Word(string name, string variable, Func<CommunicatorOptions, string?> property, string description, string allowed, string defaultInWords) => new()
    {
        Name = name,
        Variable = variable,
        Explicit = property,
        Description = description,
        Allowed = allowed,
        DefaultInWords = defaultInWords,
        Parse = OptionText.Any,
        IsAllowed = text => text.Trim().Length > 0,
        Format = OptionText.Any,
    };
}
