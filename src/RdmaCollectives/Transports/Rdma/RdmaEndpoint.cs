using System.Buffers.Binary;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>What one end of a connection tells the other: how to reach its queue pair, and where to write.</summary>
internal readonly record struct RdmaEndpoint(QueuePairAddress QueuePair, ulong FirstMessageAddress, ulong CreditAddress, uint RemoteKey)
{
    public const int ByteSize = QueuePairAddress.ByteCount + 20;

    /// <summary>The line of its output is behind that of its credit.</summary>
    public ulong OutputLineAddress => CreditAddress + CreditLine.ByteSize;

    public void WriteBytes(Span<byte> to)
    {
        QueuePair.WriteBytes(to);
        to = to[QueuePairAddress.ByteCount..];
        BinaryPrimitives.WriteUInt64LittleEndian(to, FirstMessageAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], CreditAddress);
        BinaryPrimitives.WriteUInt32LittleEndian(to[16..], RemoteKey);
    }

    public static RdmaEndpoint ReadBytes(ReadOnlySpan<byte> from)
    {
        QueuePairAddress queuePair = QueuePairAddress.ReadBytes(from);
        from = from[QueuePairAddress.ByteCount..];
        return new RdmaEndpoint(
            queuePair,
            BinaryPrimitives.ReadUInt64LittleEndian(from),
            BinaryPrimitives.ReadUInt64LittleEndian(from[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[16..]));
    }
}
