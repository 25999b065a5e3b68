using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RdmaCollectives.Diagnostics;

/// <summary>A dump as it is written; docs/flight-recorder.md describes the fields. Times are nanoseconds of the rank's <see cref="MonotonicClock"/>.</summary>
internal sealed record DumpDocument
{
    public const string FormatName = "rdmacc-flight-recorder";

    public const int CurrentVersion = 1;

    public string Format { get; init; } = FormatName;

    public int Version { get; init; } = CurrentVersion;

    public required string Library { get; init; }

    public required string Reason { get; init; }

    public required string Job { get; init; }

    public required string Communicator { get; init; }

    public required string Scope { get; init; }

    public required int Rank { get; init; }

    public required int WorldSize { get; init; }

    public required string Host { get; init; }

    public required int ProcessId { get; init; }

    public required DumpClock Clock { get; init; }

    public DumpFault? Fault { get; init; }

    /// <summary>Operations that are queued or running.</summary>
    public required int Queued { get; init; }

    public required int Capacity { get; init; }

    /// <summary>How many calls have begun; the last ones are in <see cref="Operations"/>.</summary>
    public required ulong Recorded { get; init; }

    public required IReadOnlyList<DumpOperation> Operations { get; init; }
}

/// <summary>What the times of a dump mean.</summary>
internal sealed record DumpClock
{
    /// <summary>When the dump was begun.</summary>
    public required long NowNs { get; init; }

    /// <summary>The same moment by the wall clock.</summary>
    public required DateTime NowUtc { get; init; }

    /// <summary>Other ranks' clocks, each measurement by itself, in their order.</summary>
    public required IReadOnlyList<DumpClockOffset> Offsets { get; init; }
}

/// <summary>A <see cref="ClockOffset"/>.</summary>
internal sealed record DumpClockOffset(int Rank, long OffsetNs, long RoundTripNs, long MeasuredAtNs);

/// <summary>The fault of the communicator.</summary>
internal sealed record DumpFault(string Error, int Reporter, int Peer, string Message);

/// <summary>A <see cref="FlightEntry"/>.</summary>
internal sealed record DumpOperation
{
    public required ulong Number { get; init; }

    public required ulong Sequence { get; init; }

    public required string Kind { get; init; }

    /// <summary>The call in words.</summary>
    public required string Call { get; init; }

    /// <summary>What ranks compare: equal for calls that go together.</summary>
    public required string Hash { get; init; }

    /// <summary>What the caller named it.</summary>
    public string? Name { get; init; }

    public string? Algorithm { get; init; }

    /// <summary>Of the buffer, or of one block where there is one per rank; null where blocks differ, or nothing has a size.</summary>
    public ulong? Bytes { get; init; }

    public required long EnteredNs { get; init; }

    public long? FirstByteNs { get; init; }

    public long? EndedNs { get; init; }

    public int? AwaitedRank { get; init; }

    public required long WaitedNs { get; init; }

    public required string Outcome { get; init; }
}

/// <summary>JSON without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DumpDocument))]
internal sealed partial class DumpJson : JsonSerializerContext
{
    /// <summary>Texts as they are, not escaped for web pages: people read them.</summary>
    public static DumpJson Readable { get; } = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
