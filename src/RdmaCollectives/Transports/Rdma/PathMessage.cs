using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>One message about a path.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Channel">The connection between the two ranks that it is about.</param>
/// <param name="Path">The number of the path: 0 is the first, each move takes the next.</param>
/// <param name="Rails">The sender's rails, as it sees them.</param>
/// <param name="IsFailure">The path failed or its port did; it is not merely left for a better one.</param>
/// <param name="Counts">How far its sender is.</param>
/// <param name="Endpoint">How to reach the sender's queue pair.</param>
/// <param name="Said">What the devices of the sender's rails have said of themselves, in words for the other end's fault; mostly empty.</param>
internal readonly record struct PathMessage(
    PathMessageKind Kind, int Channel, uint Path, RailSet Rails = default, bool IsFailure = false, MessageCounts Counts = default, RdmaEndpoint Endpoint = default, string Said = "")
{
    /// <summary>Of one that says nothing of devices.</summary>
    public const int ByteSize = FixedByteSize + RdmaEndpoint.ByteSize;

    /// <summary>Most bytes of <see cref="Said"/>, as UTF-8.</summary>
    public const int MostSaidBytes = 1024;

    private const int FixedByteSize = 40;

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[ByteSize + Encoding.UTF8.GetByteCount(Said)];
        bytes[0] = (byte)Kind;
        bytes[1] = IsFailure ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), checked((ushort)Channel));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Path);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Rails.Up);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Rails.Suspect);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), Counts.Sent);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), Counts.Arrived);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), Counts.Released);
        Endpoint.WriteBytes(bytes.AsSpan(FixedByteSize));
        Encoding.UTF8.GetBytes(Said, bytes.AsSpan(ByteSize));
        return bytes;
    }

    /// <summary>Null for bytes that are none.</summary>
    public static PathMessage? TryRead(ReadOnlySpan<byte> from) =>
        from.Length is >= ByteSize and <= ByteSize + MostSaidBytes && Enum.IsDefined((PathMessageKind)from[0]) && from[1] <= 1 && Utf8.IsValid(from[ByteSize..])
            ? new PathMessage(
                (PathMessageKind)from[0],
                BinaryPrimitives.ReadUInt16LittleEndian(from[2..]),
                BinaryPrimitives.ReadUInt32LittleEndian(from[4..]),
                new RailSet(BinaryPrimitives.ReadUInt32LittleEndian(from[8..]), BinaryPrimitives.ReadUInt32LittleEndian(from[12..])),
                from[1] != 0,
                new MessageCounts(BinaryPrimitives.ReadUInt64LittleEndian(from[16..]), BinaryPrimitives.ReadUInt64LittleEndian(from[24..]), BinaryPrimitives.ReadUInt64LittleEndian(from[32..])),
                RdmaEndpoint.ReadBytes(from[FixedByteSize..]),
                Encoding.UTF8.GetString(from[ByteSize..]))
            : null;
}
