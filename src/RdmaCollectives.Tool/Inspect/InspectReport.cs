using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RdmaCollectives.Tool.Inspect;

/// <summary>What the dumps of one communicator come to.</summary>
internal sealed record InspectReport
{
    private const int MostSlowest = 10;

    public required string Communicator { get; init; }

    public required string Scope { get; init; }

    public required string Job { get; init; }

    public required int WorldSize { get; init; }

    /// <summary>Calls that all ranks with a dump have entered.</summary>
    public required int CommonCalls { get; init; }

    /// <summary>How wrong a comparison of two ranks' times can be.</summary>
    public required long UncertaintyNs { get; init; }

    public required IReadOnlyList<Finding> Findings { get; init; }

    public required IReadOnlyList<RankRow> Ranks { get; init; }

    public required IReadOnlyList<SlowRow> Slowest { get; init; }

    public static InspectReport Of(CommunicatorDumps dumps) => new()
    {
        Communicator = dumps.Dumps[0].Communicator,
        Scope = dumps.Dumps[0].Scope,
        Job = dumps.Dumps[0].Job,
        WorldSize = dumps.WorldSize,
        CommonCalls = dumps.Common.Count,
        UncertaintyNs = dumps.Time.UncertaintyNs,
        Findings = Inspect.Findings.Of(dumps),
        Ranks = [.. dumps.Dumps.Select(dump => RankRow.Of(dump, dumps))],
        Slowest = [.. dumps.Common.OrderByDescending(call => call.Took).Take(MostSlowest).Select(SlowRow.Of)],
    };
}

/// <summary>One rank: what it does, and what share of its time in calls it waited.</summary>
internal sealed record RankRow
{
    public required int Rank { get; init; }

    public required string Host { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>The call that it is in, or was in last.</summary>
    public required string? LastCall { get; init; }

    public required string LastOutcome { get; init; }

    public required int Calls { get; init; }

    public required long InCallsNs { get; init; }

    public required long WaitedNs { get; init; }

    /// <summary>The rank that it waited for most, all calls together.</summary>
    public required int? AwaitedMost { get; init; }

    /// <summary>In how many calls it was the last to enter.</summary>
    public required int LastToEnter { get; init; }

    [JsonIgnore]
    public double WaitingShare => InCallsNs == 0 ? 0 : Math.Min(1, (double)WaitedNs / InCallsNs);

    public static RankRow Of(Dump dump, CommunicatorDumps dumps)
    {
        DumpCall? last = dump.Operations.Count == 0 ? null : dump.Operations[^1];
        return new RankRow
        {
            Rank = dump.Rank,
            Host = dump.Host,
            ProcessId = dump.ProcessId,
            LastCall = last?.Call,
            LastOutcome = last?.Outcome ?? "",
            Calls = dump.Operations.Count,
            InCallsNs = Sum(dump.Operations.Select(call => Math.Max(0, (call.EndedNs ?? dump.Clock.NowNs) - call.EnteredNs))),
            WaitedNs = Sum(dump.Operations.Select(call => call.WaitedNs)),
            AwaitedMost = dump.Operations.Where(call => call.AwaitedRank is not null).GroupBy(call => call.AwaitedRank).MaxBy(group => group.Sum(call => (double)call.WaitedNs))?.Key,
            LastToEnter = dumps.Common.Count(call => call.Ranks.Count > 1 && call.Last.Rank == dump.Rank),
        };
    }

    // What a damaged file claims may not fit.
    private static long Sum(IEnumerable<long> times) => (long)Math.Min(times.Sum(time => (double)time), long.MaxValue / 2);
}

/// <summary>A call that took long.</summary>
internal sealed record SlowRow
{
    public required string Call { get; init; }

    public required ulong Sequence { get; init; }

    public required string? Algorithm { get; init; }

    /// <summary>From the first entry to the last end.</summary>
    public required long TookNs { get; init; }

    /// <summary>From the first entry to the last.</summary>
    public required long SpreadNs { get; init; }

    public required int LastRank { get; init; }

    public required int LongestWaiter { get; init; }

    public required int? AwaitedRank { get; init; }

    public required long WaitedNs { get; init; }

    public static SlowRow Of(SharedCall call)
    {
        RankCall waiter = call.Ranks.MaxBy(rank => rank.Call.WaitedNs)!;
        return new SlowRow
        {
            Call = call.Name,
            Sequence = call.Sequence,
            Algorithm = waiter.Call.Algorithm,
            TookNs = call.Took,
            SpreadNs = call.Spread,
            LastRank = call.Last.Rank,
            LongestWaiter = waiter.Rank,
            AwaitedRank = waiter.Call.AwaitedRank,
            WaitedNs = waiter.Call.WaitedNs,
        };
    }
}

/// <summary>JSON without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(InspectReport[]))]
internal sealed partial class InspectJson : JsonSerializerContext
{
    public static InspectJson Readable { get; } = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
