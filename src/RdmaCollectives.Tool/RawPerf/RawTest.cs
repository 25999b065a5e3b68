namespace RdmaCollectives.Tool.RawPerf;

/// <summary>What each message does.</summary>
internal enum RawVerb
{
    Write,
    Send,
    Read,

    /// <summary>Fetch and add of 1 to 8 bytes.</summary>
    Atomic,
}

/// <summary>One of the tests of perftest, under its name there less the <c>ib_</c>.</summary>
internal sealed record RawTest(string Name, RawVerb Verb, bool IsBandwidth, string Summary)
{
    public static IReadOnlyList<RawTest> All { get; } =
    [
        new("write_bw", RawVerb.Write, true, "RDMA writes, many under way: bandwidth"),
        new("write_lat", RawVerb.Write, false, "RDMA writes to and fro: half the round trip"),
        new("send_bw", RawVerb.Send, true, "sends into posted receives, many under way: bandwidth"),
        new("send_lat", RawVerb.Send, false, "sends to and fro: half the round trip"),
        new("read_bw", RawVerb.Read, true, "RDMA reads, many under way: bandwidth"),
        new("read_lat", RawVerb.Read, false, "RDMA reads, one at a time: the whole round trip"),
        new("atomic_bw", RawVerb.Atomic, true, "atomic additions, many under way: rate"),
        new("atomic_lat", RawVerb.Atomic, false, "atomic additions, one at a time: the whole round trip"),
    ];

    /// <summary>As perftest's.</summary>
    public int DefaultIterations => this is { Verb: RawVerb.Write, IsBandwidth: true } ? 5000 : 1000;

    /// <summary>As perftest's.</summary>
    public long DefaultSize => Verb == RawVerb.Atomic ? AtomicByteCount : IsBandwidth ? 65536 : 2;

    /// <summary>Bytes of an atomic, which has no other size.</summary>
    public const int AtomicByteCount = 8;

    public bool HasSizes => Verb != RawVerb.Atomic;

    public bool HasInline => Verb is RawVerb.Write or RawVerb.Send;

    /// <summary>What perftest takes on adapters that it knows.</summary>
    public int DefaultInlineByteCount => IsBandwidth ? 0 : Verb switch { RawVerb.Write => 220, RawVerb.Send => 236, _ => 0 };

    /// <summary>Whether both ends wait for completions: the target of a write polls its memory, and nothing could wake it.</summary>
    public bool HasEvents => this is not { Verb: RawVerb.Write, IsBandwidth: false };

    /// <summary>Whether messages go to and fro, so that a way takes half of the time; a read or an atomic is a round trip by itself.</summary>
    public bool IsPingPong => !IsBandwidth && Verb is (RawVerb.Write or RawVerb.Send);

    /// <summary>For messages about one that failed.</summary>
    public string Operation => Verb switch
    {
        RawVerb.Write => "RDMA write",
        RawVerb.Send => "send",
        RawVerb.Read => "RDMA read",
        _ => "atomic addition",
    };
}
