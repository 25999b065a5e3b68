namespace RdmaCollectives.Tool.Perf;

/// <summary>What <c>rdmacc perf</c> measures.</summary>
internal sealed record PerfOptions
{
    /// <summary>As the user said it, else null.</summary>
    public int? Ranks { get; init; }

    public string? Transports { get; init; }

    /// <summary>In this order.</summary>
    public required IReadOnlyList<PerfRun> Runs { get; init; }

    /// <summary>In bytes, ascending; whole elements.</summary>
    public required IReadOnlyList<long> Sizes { get; init; }

    public required int Iterations { get; init; }

    public required int Warmups { get; init; }

    public required DataType DataType { get; init; }

    public required PerfReduction Reduction { get; init; }

    /// <summary>The root of collectives that have one.</summary>
    public required int Root { get; init; }

    /// <summary>Whether each call has another root, or in a ring another distance, so that no rank runs ahead of the others.</summary>
    public bool Rotate { get; init; }

    /// <summary>Whether reductions use the fixed tree over the ranks.</summary>
    public required bool BitExact { get; init; }

    public required Placement Placement { get; init; }

    public required BufferKind Buffers { get; init; }

    public required bool Check { get; init; }

    public TimeSpan? Timeout { get; init; }

    /// <summary>A file, <c>-</c> for standard output, or null.</summary>
    public string? Json { get; init; }

    /// <summary>Whether a run that the library refuses is passed over with a note: where algorithms are tried rather than asked for.</summary>
    public bool SkipRefused { get; init; }

    /// <exception cref="ToolException">There is no such rank.</exception>
    public void CheckRoot(int ranks)
    {
        if (Root >= ranks)
        {
            throw ToolException.BadArguments($"--root {Root}: the ranks are 0 to {ranks - 1}.");
        }
    }
}

/// <summary>Whether results go over the input.</summary>
internal enum Placement
{
    Both,
    InPlace,
    OutOfPlace,
}

/// <summary>Where the buffers come from.</summary>
internal enum BufferKind
{
    /// <summary>Ordinary memory, of which the library knows nothing before the call.</summary>
    Array,

    /// <summary><see cref="Communicator.Allocate{T}"/>.</summary>
    Allocate,
}
