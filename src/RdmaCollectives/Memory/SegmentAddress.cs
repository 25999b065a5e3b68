using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace RdmaCollectives.Memory;

/// <summary>Where another process of this host finds a shared segment. Travels in what ranks tell each other at set-up.</summary>
internal readonly record struct SegmentAddress(SegmentKind Kind, int ProcessId, int Descriptor, long ByteCount, string? Path)
{
    private const int FixedByteCount = 18;

    /// <summary>The path to open.</summary>
    public string OpenPath => Kind == SegmentKind.Memfd ? $"/proc/{ProcessId}/fd/{Descriptor}" : Path!;

    public byte[] ToBytes()
    {
        byte[] path = Encoding.UTF8.GetBytes(Path ?? "");
        var bytes = new byte[FixedByteCount + path.Length];
        bytes[0] = (byte)Kind;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), ProcessId);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(5), Descriptor);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(9), ByteCount);
        bytes[17] = checked((byte)path.Length);
        path.CopyTo(bytes, FixedByteCount);
        return bytes;
    }

    /// <summary>Reads one from the front of <paramref name="from"/>. Null for bytes that are not one.</summary>
    public static SegmentAddress? Read(ReadOnlySpan<byte> from, out int byteCount)
    {
        byteCount = 0;
        if (from.Length < FixedByteCount || from[0] > (byte)SegmentKind.Named || from.Length < FixedByteCount + from[17])
        {
            return null;
        }

        byteCount = FixedByteCount + from[17];
        ReadOnlySpan<byte> path = from[FixedByteCount..byteCount];
        var address = new SegmentAddress(
            (SegmentKind)from[0],
            BinaryPrimitives.ReadInt32LittleEndian(from[1..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[5..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[9..]),
            path.IsEmpty ? null : Encoding.UTF8.GetString(path));

        // The kernel ends a path at its first NUL: what is looked at must be what is opened.
        bool canBe = address.ProcessId > 0 && address.Descriptor >= 0 && address.ByteCount >= 0 && Utf8.IsValid(path) && !path.Contains((byte)0);
        return canBe && (address.Kind == SegmentKind.Named ? NamedSegment.IsName(address.Path ?? "") : address.Path is null) ? address : null;
    }
}
