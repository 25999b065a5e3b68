namespace RdmaCollectives.Tool.Perf;

/// <summary>Some elements divided among ranks, in the order of the ranks and in parts of any size, none included.</summary>
internal sealed class Shares
{
    private readonly nuint[] _counts;
    private readonly long[] _offsets;

    private Shares(int ranks, Func<int, long> countOf)
    {
        _counts = new nuint[ranks];
        _offsets = new long[ranks];
        long offset = 0;
        for (int rank = 0; rank < ranks; rank++)
        {
            _counts[rank] = (nuint)countOf(rank);
            _offsets[rank] = offset;
            offset += countOf(rank);
        }
    }

    public ReadOnlySpan<nuint> Counts => _counts;

    public long Count(int rank) => (long)_counts[rank];

    public long Offset(int rank) => _offsets[rank];

    /// <summary>Rank r gets r+1 parts of 1 + 2 + ... + n.</summary>
    public static Shares Growing(long total, int ranks) => new(ranks, rank => Part(total, ranks, rank));

    /// <summary>What rank <paramref name="from"/> gives each rank: d+1 parts to the rank that is d further.</summary>
    public static Shares To(long total, int ranks, int from) => new(ranks, rank => Part(total, ranks, (rank - from + ranks) % ranks));

    /// <summary>What rank <paramref name="to"/> gets from each rank.</summary>
    public static Shares From(long total, int ranks, int to) => new(ranks, rank => Part(total, ranks, (to - rank + ranks) % ranks));

    private static long Part(long total, int ranks, int index) => Boundary(total, ranks, index + 1) - Boundary(total, ranks, index);

    private static long Boundary(long total, long ranks, long index) => (long)((Int128)total * (index * (index + 1)) / (ranks * (ranks + 1)));
}
