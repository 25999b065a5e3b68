using System.Globalization;
using System.Text.Json.Nodes;
using RdmaCollectives.Tool.Inspect;

namespace RdmaCollectives.Tool.Tests.Inspect;

/// <summary>A dump made by hand, as its file has it: times in microseconds of the common clock, which this rank's is <c>ahead</c> of.</summary>
internal sealed class DumpBuilder(int rank, int worldSize, long aheadNs = 0)
{
    private const long Epoch = 1_000_000_000_000;
    private readonly JsonArray _calls = [];
    private JsonNode? _fault;
    private ulong _number;
    private ulong _sequence;

    public long DumpedAt { get; set; } = 100_000_000;

    public bool HasClock { get; set; } = true;

    /// <summary>That of the measurement of the clock: half of it is how wrong the clock can be.</summary>
    public long RoundTripNs { get; set; } = 100_000;

    public string Communicator { get; set; } = "c0ffee";

    public DumpBuilder Fault(string error, int peer, string message)
    {
        _fault = new JsonObject { ["error"] = error, ["reporter"] = 0, ["peer"] = peer, ["message"] = message };
        return this;
    }

    /// <summary>A collective call; <paramref name="ended"/> null: it still runs.</summary>
    public DumpBuilder Call(long entered, long? ended, int? awaited = null, long waited = 0, string what = "AllReduce(Float32, Sum, 4194304 elements = 16 MiB)", string hash = "aa", ulong? bytes = 16 << 20, string outcome = "completed")
    {
        _sequence++;
        return Add(what.Split('(')[0], $"#{_sequence} {what}", entered, ended, awaited, waited, hash, bytes, outcome);
    }

    public DumpBuilder Transfer(long entered, long? ended) => Add("Send", $"#{_sequence} Send(Int32, 1 elements, to rank 0)", entered, ended, null, 0, "bb", 4, "completed");

    public string ToJson() => new JsonObject
    {
        ["format"] = "rdmacc-flight-recorder",
        ["version"] = 1,
        ["reason"] = "fault",
        ["job"] = "crafted",
        ["communicator"] = Communicator,
        ["scope"] = "0",
        ["rank"] = rank,
        ["worldSize"] = worldSize,
        ["host"] = $"host-{rank}",
        ["processId"] = 1000 + rank,
        ["clock"] = new JsonObject
        {
            ["nowNs"] = Own(DumpedAt),
            ["nowUtc"] = (DateTime.UnixEpoch + TimeSpan.FromMicroseconds(DumpedAt)).ToString("O", CultureInfo.InvariantCulture),
            ["offsets"] = rank == 0 || !HasClock ? [] : new JsonArray(new JsonObject { ["rank"] = 0, ["offsetNs"] = -aheadNs, ["roundTripNs"] = RoundTripNs, ["measuredAtNs"] = Own(0) }),
        },
        ["fault"] = _fault?.DeepClone(),
        ["queued"] = 0,
        ["capacity"] = 1024,
        ["recorded"] = _number,
        ["operations"] = _calls.DeepClone(),
    }.ToJsonString();

    /// <summary>As the tool reads it.</summary>
    public Dump Read()
    {
        using var file = new TemporaryFile(".json");
        File.WriteAllText(file.Path, ToJson());
        return DumpReader.Read(file.Path);
    }

    private DumpBuilder Add(string kind, string call, long entered, long? ended, int? awaited, long waited, string hash, ulong? bytes, string outcome)
    {
        _calls.Add(new JsonObject
        {
            ["number"] = ++_number,
            ["sequence"] = _sequence,
            ["kind"] = kind,
            ["call"] = call,
            ["hash"] = hash,
            ["algorithm"] = kind == "Send" ? null : "ring",
            ["bytes"] = bytes,
            ["enteredNs"] = Own(entered),
            ["firstByteNs"] = Own(entered),
            ["endedNs"] = ended is { } end ? Own(end) : null,
            ["awaitedRank"] = awaited,
            ["waitedNs"] = 1000 * waited,
            ["outcome"] = ended is null ? "running" : outcome,
        });
        return this;
    }

    private long Own(long microseconds) => Epoch + (1000 * microseconds) + aheadNs;
}
