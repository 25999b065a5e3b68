using System.Buffers.Binary;

namespace RdmaCollectives.Bootstrap;

/// <summary>What a rank says of itself in a split; from those of all ranks each one knows who is where.</summary>
/// <param name="Color">Ranks of one color come together; a negative one joins nobody.</param>
/// <param name="Key">The order among them; the rank decides between equal ones.</param>
/// <param name="Scope">The new communicator's, should this rank be the first one in it.</param>
internal readonly record struct SplitRequest(int Color, int Key, ulong Scope)
{
    private const int ByteSize = 16;

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[ByteSize];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Color);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Key);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), Scope);
        return bytes;
    }

    /// <exception cref="CollectiveException">The rank said something else.</exception>
    public static SplitRequest Read(int rank, ReadOnlySpan<byte> from) => from.Length != ByteSize
        ? throw new CollectiveException(Error.Protocol, $"Rank {rank} sent {from.Length} bytes where a split takes {ByteSize}: all ranks must call Split, in the same version.", peer: rank)
        : new SplitRequest(BinaryPrimitives.ReadInt32LittleEndian(from), BinaryPrimitives.ReadInt32LittleEndian(from[4..]), BinaryPrimitives.ReadUInt64LittleEndian(from[8..]));

    /// <summary>The ranks of a color in their new order.</summary>
    public static int[] Members(SplitRequest[] requests, int color) =>
        [.. Enumerable.Range(0, requests.Length).Where(rank => requests[rank].Color == color).OrderBy(rank => requests[rank].Key)]; // a stable sort: by rank where keys are equal
}
