using System.Text.Json.Serialization;

namespace RdmaCollectives.Tool.Inspect;

/// <summary>A dump of a flight recorder as it lies in its file (docs/flight-recorder.md). Fields that are not known are passed over. Times are nanoseconds of the rank's own clock.</summary>
internal sealed record Dump
{
    public required string Format { get; init; }

    public required int Version { get; init; }

    public string Reason { get; init; } = "";

    public string Job { get; init; } = "";

    public required string Communicator { get; init; }

    public required string Scope { get; init; }

    public required int Rank { get; init; }

    public required int WorldSize { get; init; }

    public string Host { get; init; } = "";

    public int ProcessId { get; init; }

    public required DumpClock Clock { get; init; }

    public DumpFault? Fault { get; init; }

    public int Queued { get; init; }

    public ulong Recorded { get; init; }

    public required IReadOnlyList<DumpCall> Operations { get; init; }

    /// <summary>The file.</summary>
    [JsonIgnore]
    public string Path { get; init; } = "";
}

/// <summary>The rank's clock when the dump was begun, and how it stood to others.</summary>
internal sealed record DumpClock
{
    public required long NowNs { get; init; }

    public required DateTime NowUtc { get; init; }

    public IReadOnlyList<DumpOffset> Offsets { get; init; } = [];
}

/// <summary>How far the clock of <paramref name="Rank"/> was ahead.</summary>
internal sealed record DumpOffset(int Rank, long OffsetNs, long RoundTripNs, long MeasuredAtNs);

/// <summary>Why the communicator is of no use any more.</summary>
internal sealed record DumpFault(string Error, int Reporter, int Peer, string Message);

/// <summary>One call.</summary>
internal sealed record DumpCall
{
    public required ulong Number { get; init; }

    public required ulong Sequence { get; init; }

    public required string Kind { get; init; }

    public required string Call { get; init; }

    public required string Hash { get; init; }

    public string? Algorithm { get; init; }

    public ulong? Bytes { get; init; }

    public required long EnteredNs { get; init; }

    public long? FirstByteNs { get; init; }

    public long? EndedNs { get; init; }

    public int? AwaitedRank { get; init; }

    public long WaitedNs { get; init; }

    public required string Outcome { get; init; }

    /// <summary>Sends and receives have no number that all ranks share.</summary>
    [JsonIgnore]
    public bool IsCollective => Kind is not ("Send" or "Receive" or "SendReceive" or "Transfers");

    [JsonIgnore]
    public bool IsRunning => EndedNs is null;
}

/// <summary>JSON without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 8, AllowDuplicateProperties = false, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Dump))]
internal sealed partial class DumpJson : JsonSerializerContext;
