using System.Buffers.Binary;

namespace RdmaCollectives.Verbs;

/// <summary>What one end of a connection tells the other, over a channel of the program's own, before both call <see cref="QueuePair.Connect"/>.</summary>
/// <param name="QueuePairNumber">The queue pair.</param>
/// <param name="SequenceNumber">The sequence number of its first packet, 24 bits.</param>
/// <param name="LocalIdentifier">Its port's LID; 0 on Ethernet.</param>
/// <param name="Gid">Its GID; empty where packets travel by LID alone.</param>
public readonly record struct QueuePairAddress(uint QueuePairNumber, uint SequenceNumber, ushort LocalIdentifier, Gid Gid)
{
    /// <summary>The number of bytes that <see cref="WriteBytes"/> writes.</summary>
    public const int ByteCount = 26;

    /// <summary>Writes it in network order.</summary>
    public void WriteBytes(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, QueuePairNumber);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], SequenceNumber);
        BinaryPrimitives.WriteUInt16BigEndian(destination[8..], LocalIdentifier);
        Gid.WriteBytes(destination[10..ByteCount]);
    }

    /// <summary>Reads what <see cref="WriteBytes"/> wrote.</summary>
    public static QueuePairAddress ReadBytes(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt32BigEndian(source),
        BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
        BinaryPrimitives.ReadUInt16BigEndian(source[8..]),
        new Gid(source[10..ByteCount]));

    /// <inheritdoc/>
    public override string ToString() => $"queue pair {QueuePairNumber} at {(Gid.IsEmpty ? $"LID {LocalIdentifier}" : Gid.ToString())}";
}
