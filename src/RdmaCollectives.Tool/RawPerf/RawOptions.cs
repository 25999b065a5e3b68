using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>What one end of a raw measurement does; names and defaults are perftest's.</summary>
internal sealed record RawOptions
{
    /// <summary>How long a server waits for its client unless the user says otherwise.</summary>
    public static readonly TimeSpan ServerPatience = TimeSpan.FromHours(1);

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    public required RawTest Test { get; init; }

    /// <summary>Bytes of a message, ascending.</summary>
    public required IReadOnlyList<long> Sizes { get; init; }

    /// <summary>Messages per queue pair and size; not used with a <see cref="Duration"/>.</summary>
    public required int Iterations { get; init; }

    /// <summary>Messages per queue pair that may be under way.</summary>
    public required int TxDepth { get; init; }

    /// <summary>Receives per queue pair that are posted.</summary>
    public int RxDepth { get; init; } = 1;

    public int QueuePairs { get; init; } = 1;

    /// <summary>Messages up to so many bytes are sent inline; null: perftest's default, where the device takes it.</summary>
    public int? InlineByteCount { get; init; }

    /// <summary>Messages that are posted by one call.</summary>
    public int PostList { get; init; } = 1;

    /// <summary>Every so many messages of a queue pair one gives a completion.</summary>
    public int CqModeration { get; init; } = 1;

    public bool IsBidirectional { get; init; }

    /// <summary>How long each size is run, in place of a number of iterations.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Whether waiting sleeps on the completion channel.</summary>
    public bool UsesEvents { get; init; }

    public string? Device { get; init; }

    public int Port { get; init; } = 1;

    public int? GidIndex { get; init; }

    public PathMtu? Mtu { get; init; }

    /// <summary>The longest wait for the other end, at any step.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    public long LargestSize => Sizes[^1];
}
