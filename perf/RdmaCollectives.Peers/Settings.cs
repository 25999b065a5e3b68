namespace RdmaCollectives.Peers;

/// <summary>What is measured, how often, and where everything lies.</summary>
internal sealed record Settings
{
    /// <summary>Calls before the timed ones, at least; all programs go on for 300 ms and until times are steady.</summary>
    private const int Warmups = 5;

    /// <summary>What the settings of the .NET runtime are compared with.</summary>
    public static readonly Case RuntimeCase = new(Case.SharedMemory, 2, "all_reduce");

    public required string Root { get; init; }

    /// <summary>Each contender is run so often, in turns.</summary>
    public required int Rounds { get; init; }

    /// <summary>Before the rounds, how often each setting of a peer is tried; 0: each peer keeps the first.</summary>
    public required int Trials { get; init; }

    public required IReadOnlyList<string> Transports { get; init; }

    public required IReadOnlyList<int> Ranks { get; init; }

    public required IReadOnlyList<string> Collectives { get; init; }

    public required SizeRange Sizes { get; init; }

    /// <summary>For comparisons where the whole range would tell no more.</summary>
    public SizeRange FewSizes { get; } = new(8, 2 << 20, 64);

    /// <summary>Timed calls of a size.</summary>
    public required int Calls { get; init; }

    public IEnumerable<string> CallOptions => ["-n", $"{Calls}", "-w", $"{Warmups}"];

    public string Tool => Path.Combine(Root, "artifacts/bin/RdmaCollectives.Tool/release/rdmacc");

    public string PeerPrograms => Path.Combine(Root, "artifacts/peers");

    /// <summary>Every line that was measured is kept here, and what the programs said besides.</summary>
    public string Results => Path.Combine(Root, "artifacts/peers/results");

    /// <summary>The page with what comes out.</summary>
    public string Page => Path.Combine(Root, "docs/performance.md");

    /// <summary>The page with every ratio, setting and command.</summary>
    public string PeersPage => Path.Combine(Root, "docs/performance-peers.md");

    public string Plot(string transport) => Path.Combine(Root, "docs/images", $"performance-{transport}.svg");
}

/// <summary>Sizes in bytes from <paramref name="Begin"/> to <paramref name="End"/>, each <paramref name="Factor"/> times the last.</summary>
internal readonly record struct SizeRange(long Begin, long End, int Factor)
{
    /// <summary>Sizes as the tool takes them: 64, 4K, 16M, 1G.</summary>
    public static SizeRange Parse(string begin, string end, int factor)
    {
        (long first, long last) = (ParseBytes(begin), ParseBytes(end));
        return first >= 4 && first % 4 == 0 && last >= first
            ? new SizeRange(first, last, factor)
            : throw new PeersException($"-b {begin} -e {end}: the smallest size is a multiple of 4 and no more than the largest.", exitCode: 2);
    }

    /// <summary>As all programs take them.</summary>
    public IEnumerable<string> Options => ["-b", $"{Begin}", "-e", $"{End}", "-f", $"{Factor}"];

    /// <summary>How many there are, at most: small ones are one where each rank needs an element.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            for (long bytes = Begin; bytes <= End; bytes *= Factor)
            {
                count++;
            }

            return count;
        }
    }

    private static long ParseBytes(string text)
    {
        int shift = text.Length == 0 ? -1 : "KMG".IndexOf(text[^1], StringComparison.OrdinalIgnoreCase);
        string digits = shift < 0 ? text : text[..^1];
        return long.TryParse(digits, out long value) && value is > 0 and <= 1 << 30
            ? value << (10 * (shift + 1))
            : throw new PeersException($"{text}: sizes are written as 64, 4K, 16M or 1G.", exitCode: 2);
    }
}
