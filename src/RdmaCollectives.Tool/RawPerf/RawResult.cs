using System.Text.Json.Serialization;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>One measured size; the fields of a line of <c>--json</c>, in this order.</summary>
internal sealed record RawResult
{
    public required string Test { get; init; }

    public required long Bytes { get; init; }

    public required long Iterations { get; init; }

    public required int QueuePairs { get; init; }

    public required bool Bidirectional { get; init; }

    public required int TxDepth { get; init; }

    public required int CqMod { get; init; }

    public required int PostList { get; init; }

    /// <summary>Messages up to so many bytes went inline.</summary>
    public required int InlineBytes { get; init; }

    public required int Mtu { get; init; }

    public required bool Events { get; init; }

    /// <summary>Null for latencies.</summary>
    public RawBandwidth? Bandwidth { get; init; }

    /// <summary>Null for bandwidths.</summary>
    public LatencyFigures? LatencyUs { get; init; }

    /// <summary>Of the managed heap, by the measured loop at this end: 0, but for runs by the clock, which end with a message.</summary>
    public required long AllocatedBytes { get; init; }

    public static RawResult Of(RawEnd end, long size, long iterations, BandwidthFigures? bandwidth, LatencyFigures? latency, long allocatedBytes) => new()
    {
        Test = end.Options.Test.Name,
        Bytes = size,
        Iterations = iterations,
        QueuePairs = end.Options.QueuePairs,
        Bidirectional = end.Options.IsBidirectional,
        TxDepth = end.Options.TxDepth,
        CqMod = end.Options.CqModeration,
        PostList = end.Options.PostList,
        InlineBytes = end.InlineByteCount,
        Mtu = end.Mtu.ByteCount(),
        Events = end.Options.UsesEvents,
        Bandwidth = bandwidth is { } figures ? RawBandwidth.Of(size, figures) : null,
        LatencyUs = latency,
        AllocatedBytes = allocatedBytes,
    };
}

/// <summary>In 2^20 bytes per second, perftest's MB/sec, and in 1e6 messages per second.</summary>
internal readonly record struct RawBandwidth(double? PeakMiBps, double AverageMiBps, double MsgRateMpps)
{
    private const double MiB = 1 << 20;

    public static RawBandwidth Of(long size, BandwidthFigures figures) => new(figures.Peak * size / MiB, figures.Average * size / MiB, figures.Average / 1e6);
}

/// <summary>JSON without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RawResult))]
internal sealed partial class RawJson : JsonSerializerContext;
