namespace RdmaCollectives.Planning;

/// <summary>Where the blocks of one buffer lie, in elements: all of one size and in a row, or each with its own size and place.</summary>
internal struct BlockMap
{
    private readonly ulong _stride;
    private readonly ulong _count;

    /// <summary>Blocks of one size. With a <paramref name="stride"/> of 0 they are all at the beginning: the buffer has one block only, that of this rank.</summary>
    public BlockMap(ulong stride, ulong count)
    {
        _stride = stride;
        _count = count;
    }

    /// <summary>Sizes by rank, or null where all blocks have one.</summary>
    public ulong[]? Counts;

    public ulong[]? Offsets;

    /// <summary>Whether the blocks follow each other without a gap, all of one size.</summary>
    public readonly bool IsDense => Counts is null && _stride == _count;

    public readonly ulong Count(int block) => Counts is null ? _count : Counts[block];

    public readonly ulong Offset(int block) => Offsets is null ? _stride * (ulong)block : Offsets[block];
}
