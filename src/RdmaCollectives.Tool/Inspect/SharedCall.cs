namespace RdmaCollectives.Tool.Inspect;

/// <summary>One rank's part in a call, by the common clock.</summary>
internal sealed class RankCall(Dump dump, DumpCall call, Timebase time)
{
    public int Rank => dump.Rank;

    public DumpCall Call => call;

    public long Entered { get; } = time.Common(dump.Rank, call.EnteredNs);

    /// <summary>The end, or where it still ran the moment of the dump.</summary>
    public long Until { get; } = time.Common(dump.Rank, Math.Max(call.EnteredNs, call.EndedNs ?? dump.Clock.NowNs));

    public long Took => Until - Entered;
}

/// <summary>A call that ranks made under one number.</summary>
internal sealed class SharedCall(ulong sequence)
{
    private readonly List<RankCall> _ranks = [];

    public ulong Sequence => sequence;

    public IReadOnlyList<RankCall> Ranks => _ranks;

    public RankCall First => _ranks.MinBy(rank => rank.Entered)!;

    public RankCall Last => _ranks.MaxBy(rank => rank.Entered)!;

    /// <summary>From the first entry to the last.</summary>
    public long Spread => Last.Entered - First.Entered;

    /// <summary>How long the last rank came after the one before it: what it alone is late by.</summary>
    public long Margin => _ranks.Count < 2 ? 0 : Last.Entered - _ranks.Where(rank => rank != Last).Max(rank => rank.Entered);

    /// <summary>From the first entry to the last end.</summary>
    public long Took => _ranks.Max(rank => rank.Until) - First.Entered;

    public bool IsRunning => _ranks.Exists(rank => rank.Call.Outcome != "completed");

    /// <summary>Calls that do not go together differ in their hash.</summary>
    public bool IsMismatch => _ranks.Exists(rank => rank.Call.Hash != _ranks[0].Call.Hash);

    /// <summary><c>#5521 AllReduce(Float32, Sum, 4194304 elements = 16 MiB)</c>.</summary>
    public string Name => _ranks[0].Call.Call;

    public void Add(RankCall rank) => _ranks.Add(rank);

    public RankCall? Of(int rank) => _ranks.Find(part => part.Rank == rank);
}
