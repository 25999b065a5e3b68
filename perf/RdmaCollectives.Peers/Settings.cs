namespace RdmaCollectives.Peers;

/// <summary>What is measured, how often, and where everything lies.</summary>
internal sealed record Settings
{
    /// <summary>Calls before the timed ones, at least; both programs go on for 300 ms and until times are steady.</summary>
    public const int Warmups = 5;

    public required string Root { get; init; }

    /// <summary>Each contender is run so often, in turns.</summary>
    public required int Rounds { get; init; }

    public required IReadOnlyList<int> Ranks { get; init; }

    public required SizeRange Sizes { get; init; }

    /// <summary>For comparisons where the whole range would tell no more.</summary>
    public SizeRange FewSizes { get; } = new(8, 2 << 20, 64);

    /// <summary>Timed calls of a size.</summary>
    public required int Calls { get; init; }

    public string Tool => Path.Combine(Root, "artifacts/bin/RdmaCollectives.Tool/release/rdmacc");

    public string MpiProgram => Path.Combine(Root, "artifacts/peers/mpi_all_reduce");

    /// <summary>Every line that was measured is kept here, and what the programs said besides.</summary>
    public string Results => Path.Combine(Root, "artifacts/peers/results");

    public string Page => Path.Combine(Root, "docs/performance.md");

    public string Plot => Path.Combine(Root, "docs/images/performance-shm.svg");
}

/// <summary>Sizes in bytes from <paramref name="Begin"/> to <paramref name="End"/>, each <paramref name="Factor"/> times the last.</summary>
internal readonly record struct SizeRange(long Begin, long End, int Factor);
