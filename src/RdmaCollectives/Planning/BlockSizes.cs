namespace RdmaCollectives.Planning;

/// <summary>
/// The blocks of a call where they are of different sizes: element counts and offsets by rank, of the buffers that have a block per rank. Copied from the caller's, so that an
/// asynchronous call keeps them; used again from call to call.
/// </summary>
internal sealed class BlockSizes(int ranks)
{
    /// <summary>Elements of each block that this rank sends, or of those of all ranks where all know them.</summary>
    public ulong[] SendCounts { get; } = new ulong[ranks];

    /// <summary>Where each of them begins in the send buffer, in elements.</summary>
    public ulong[] SendOffsets { get; } = new ulong[ranks];

    /// <summary>Room for sorting: offsets, and the blocks that begin there.</summary>
    public (ulong[] Offsets, int[] Blocks) Order { get; } = (new ulong[ranks], new int[ranks]);

    /// <summary>Elements of each block that this rank receives.</summary>
    public ulong[] ReceiveCounts { get; } = new ulong[ranks];

    /// <summary>Where each of them begins in the receive buffer, in elements.</summary>
    public ulong[] ReceiveOffsets { get; } = new ulong[ranks];
}
