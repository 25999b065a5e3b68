namespace RdmaCollectives.Tool.Perf;

/// <summary>What <c>rdmacc perf</c> measures.</summary>
internal sealed record PerfOptions
{
    /// <summary>As the user said it, else null.</summary>
    public int? Ranks { get; init; }

    public string? Transports { get; init; }

    /// <summary>In bytes, ascending; whole elements.</summary>
    public required IReadOnlyList<long> Sizes { get; init; }

    public required int Iterations { get; init; }

    public required int Warmups { get; init; }

    public required DataType DataType { get; init; }

    public required ReduceOp ReduceOp { get; init; }

    public required Placement Placement { get; init; }

    public required BufferKind Buffers { get; init; }

    public required bool Check { get; init; }

    public TimeSpan? Timeout { get; init; }

    /// <summary>A file, <c>-</c> for standard output, or null.</summary>
    public string? Json { get; init; }

    public bool OutOfPlace => Placement is Placement.Both or Placement.OutOfPlace;

    public bool InPlace => Placement is Placement.Both or Placement.InPlace;
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
