using System.Buffers.Binary;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>What the other end must know to reach this one: its queue pairs, its memory, and what its port can do.</summary>
/// <param name="Mtu">The largest MTU that this end can do, or was told to use.</param>
/// <param name="MaxReads">The reads and atomics that this end serves at a time.</param>
/// <param name="Address">The first byte of its memory.</param>
/// <param name="RemoteKey">The key of that memory.</param>
/// <param name="QueuePairs">Its queue pairs, in order: each is connected to the one of the same number.</param>
internal sealed record PeerEnds(PathMtu Mtu, byte MaxReads, ulong Address, uint RemoteKey, IReadOnlyList<QueuePairAddress> QueuePairs)
{
    private const int HeadByteCount = 14;
    private const uint Most24Bits = 0xff_ffff;

    public byte[] Write()
    {
        byte[] bytes = new byte[HeadByteCount + (QueuePairs.Count * QueuePairAddress.ByteCount)];
        bytes[0] = (byte)Mtu;
        bytes[1] = MaxReads;
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(2), Address);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(10), RemoteKey);
        for (int i = 0; i < QueuePairs.Count; i++)
        {
            QueuePairs[i].WriteBytes(bytes.AsSpan(HeadByteCount + (i * QueuePairAddress.ByteCount)));
        }

        return bytes;
    }

    /// <param name="bytes">What came.</param>
    /// <param name="queuePairs">As many as both ends have agreed on.</param>
    /// <exception cref="ToolException">It is not what <see cref="Write"/> makes.</exception>
    public static PeerEnds Read(ReadOnlySpan<byte> bytes, int queuePairs)
    {
        if (bytes.Length != HeadByteCount + (queuePairs * QueuePairAddress.ByteCount))
        {
            throw Frame.Refused($"sent the addresses of {queuePairs} queue pairs in {bytes.Length} bytes");
        }

        var mtu = (PathMtu)bytes[0];
        if (mtu is < PathMtu.Bytes256 or > PathMtu.Bytes4096)
        {
            throw Frame.Refused($"sent {bytes[0]} as the code of its MTU; allowed are {(int)PathMtu.Bytes256} to {(int)PathMtu.Bytes4096}");
        }

        QueuePairAddress[] addresses = new QueuePairAddress[queuePairs];
        for (int i = 0; i < queuePairs; i++)
        {
            addresses[i] = QueuePairAddress.ReadBytes(bytes[(HeadByteCount + (i * QueuePairAddress.ByteCount))..]);
            if (addresses[i].QueuePairNumber > Most24Bits || addresses[i].SequenceNumber > Most24Bits)
            {
                throw Frame.Refused($"sent {addresses[i].QueuePairNumber} and {addresses[i].SequenceNumber} as numbers of a queue pair and of its first packet, which have 24 bits");
            }
        }

        return new PeerEnds(mtu, bytes[1], BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[10..]), addresses);
    }
}
