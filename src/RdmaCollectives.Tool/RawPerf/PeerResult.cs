using System.Buffers.Binary;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>What one end tells the other after a size: the figures that it measured as a sender, and how many operations it has carried out since its memory was filled.</summary>
/// <param name="Operations">Messages that it sent, over all queue pairs; 0 for an end that was only a target.</param>
/// <param name="Bandwidth">Null for an end that was only a target, and for latencies.</param>
internal readonly record struct PeerResult(long Operations, BandwidthFigures? Bandwidth)
{
    public const int ByteCount = 33;

    public byte[] Write()
    {
        byte[] bytes = new byte[ByteCount];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Operations);
        if (Bandwidth is { } figures)
        {
            bytes[8] = figures.Peak is null ? (byte)1 : (byte)2;
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(9), figures.Iterations);
            BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(17), figures.Average);
            BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(25), figures.Peak ?? 0);
        }

        return bytes;
    }

    /// <exception cref="ToolException">It is not what <see cref="Write"/> makes.</exception>
    public static PeerResult Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ByteCount)
        {
            throw Frame.Refused($"sent a result of {bytes.Length} bytes; it has {ByteCount}");
        }

        long operations = BinaryPrimitives.ReadInt64BigEndian(bytes), iterations = BinaryPrimitives.ReadInt64BigEndian(bytes[9..]);
        double average = BinaryPrimitives.ReadDoubleBigEndian(bytes[17..]), peak = BinaryPrimitives.ReadDoubleBigEndian(bytes[25..]);
        bool isPossible = operations >= 0 && bytes[8] switch
        {
            0 => !bytes[9..].ContainsAnyExcept((byte)0),
            1 => IsFigure(average) && iterations >= 0 && BitConverter.DoubleToInt64Bits(peak) == 0,
            2 => IsFigure(average) && iterations >= 0 && IsFigure(peak),
            _ => false,
        };
        return !isPossible ? throw Frame.Refused("sent a result that is no measurement")
            : new PeerResult(operations, bytes[8] == 0 ? null : new BandwidthFigures(iterations, average, bytes[8] == 2 ? peak : null));

        static bool IsFigure(double value) => double.IsFinite(value) && !double.IsNegative(value);
    }
}
