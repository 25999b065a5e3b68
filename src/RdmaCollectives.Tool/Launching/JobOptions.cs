namespace RdmaCollectives.Tool.Launching;

/// <summary>What to launch, and how.</summary>
internal sealed record JobOptions
{
    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    public required int Ranks { get; init; }

    /// <summary>What RDMACC_TRANSPORTS is set to; null leaves it as it is.</summary>
    public string? Transports { get; init; }

    /// <summary>Each rank takes itself for a host of its own: network transports between processes of one host.</summary>
    public bool HostIdPerRank { get; init; }

    /// <summary>Which processors a rank may run on.</summary>
    public BindMode Bind { get; init; }

    /// <summary>Set for every rank, after all that the launcher sets.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether each line that a rank writes gets its number in front.</summary>
    public bool Prefix { get; init; } = true;

    /// <summary>Rank 0 writes to our own output, unchanged: to a terminal, if it is one.</summary>
    public bool RankZeroOwnsOutput { get; init; }

    /// <summary>How long the other ranks may go on after one has failed, to say what they noticed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>With at least so many living ranks the job goes on when one fails; null: it ends then.</summary>
    public int? Least { get; init; }

    /// <summary>How many processes may be started in place of ranks that failed, as newcomers.</summary>
    public int Restarts { get; init; }
}
