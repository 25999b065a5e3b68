namespace RdmaCollectives.Schedules.Verification;

/// <summary>The memory of every rank, as the collective lays it out: which chunks a rank has as input and as output, what is the same memory in place, and which chunks are of one size.</summary>
internal sealed class BufferLayout(ISchedule schedule, Shape shape)
{
    private readonly bool _allHaveInput = schedule.Collective is not (CollectiveKind.AllGather or CollectiveKind.Gather or CollectiveKind.Broadcast or CollectiveKind.Scatter);
    private readonly bool _allHaveOutput = schedule.Collective is not (CollectiveKind.ReduceScatter or CollectiveKind.Scatter or CollectiveKind.Reduce or CollectiveKind.Gather);

    public CollectiveKind Collective { get; } = schedule.Collective;

    public Shape Shape { get; } = shape;

    /// <summary>The chunks of a buffer, and of each plane of scratch memory.</summary>
    public int Chunks { get; } = schedule.ChunkCount(shape);

    public int ScratchPlanes { get; } = schedule.ScratchPlanes(shape);

    /// <summary>The chunks of a block; all of them where buffers have no blocks.</summary>
    public int Pieces { get; } = schedule.Collective.HasBlocks() ? Math.Max(1, schedule.ChunkCount(shape) / shape.Ranks) : schedule.ChunkCount(shape);

    /// <summary>Whether input and output may be the same memory.</summary>
    public bool MayBeInPlace => Collective != CollectiveKind.AllToAll;

    /// <summary>Whether a step may ever store to the memory of a buffer.</summary>
    public bool IsStoredTo(StepBuffer buffer) => buffer != StepBuffer.Input || MayBeInPlace;

    /// <summary>The chunks that a rank has as its input, counted in the input.</summary>
    public ChunkRange InputOf(int rank) => Collective switch
    {
        CollectiveKind.AllGather or CollectiveKind.Gather => Block(rank),
        CollectiveKind.Broadcast or CollectiveKind.Scatter => rank == Shape.Root ? Whole : None,
        _ => Whole,
    };

    /// <summary>The chunks that a rank has as its output.</summary>
    public ChunkRange OutputOf(int rank) => Collective switch
    {
        CollectiveKind.ReduceScatter or CollectiveKind.Scatter => Block(rank),
        CollectiveKind.Reduce or CollectiveKind.Gather => rank == Shape.Root ? Whole : None,
        _ => Whole,
    };

    /// <summary>Where a step's chunks lie. The chunk must exist.</summary>
    public ChunkRange Locate(StepBuffer buffer, int chunk, int count) => buffer switch
    {
        StepBuffer.Input => new ChunkRange(MayBeInPlace ? 0 : ChunkRange.SeparateInput, chunk, count),
        StepBuffer.Output => new ChunkRange(0, chunk, count),
        _ => new ChunkRange(1 + (chunk / Chunks), chunk % Chunks, count),
    };

    /// <summary>Whether the chunks exist and the rank has them.</summary>
    public bool Has(int rank, StepBuffer buffer, int chunk, int count) =>
        buffer <= StepBuffer.Output && (buffer == StepBuffer.Input ? _allHaveInput : _allHaveOutput) ? (uint)chunk < (uint)Chunks && count <= Chunks : HasPart(rank, buffer, chunk, count);

    private bool HasPart(int rank, StepBuffer buffer, int chunk, int count) => buffer switch
    {
        StepBuffer.Input => (uint)chunk < (uint)Chunks && InputOf(rank).Contains(new ChunkRange(0, chunk, count), Chunks),
        StepBuffer.Output => (uint)chunk < (uint)Chunks && OutputOf(rank).Contains(new ChunkRange(0, chunk, count), Chunks),
        _ => count <= Chunks && chunk >= 0 && chunk / Chunks < ScratchPlanes,
    };

    /// <summary>Whether a range that begins with one chunk is as large as one of as many chunks that begins with the other: blocks are all of one size, pieces need not be.</summary>
    public bool AreOfOneSize(int chunk, int other) => chunk == other || chunk % Pieces == other % Pieces;

    /// <summary>Whether the two are the same chunk of some buffer or plane, so that they are of one size even where blocks are not.</summary>
    public bool AreTheSame(int chunk, int other) => chunk == other || chunk % Chunks == other % Chunks;

    /// <summary>The rank and chunk of the input that must end in a rank's output chunk; for the collectives that move chunks.</summary>
    public (int Rank, int Chunk) OriginOf(int rank, int chunk) => Collective switch
    {
        CollectiveKind.AllGather or CollectiveKind.Gather => (chunk / Pieces, chunk),
        CollectiveKind.AllToAll => (chunk / Pieces, (rank * Pieces) + (chunk % Pieces)),
        _ => (Shape.Root, chunk),
    };

    private ChunkRange Whole => new(0, 0, Chunks);

    private static ChunkRange None => new(0, 0, 0);

    private ChunkRange Block(int rank) => new(0, rank * Pieces, Pieces);
}
