using System.Buffers.Binary;

namespace RdmaCollectives.Membership;

/// <summary>Takes little-endian numbers off what came from another rank; too few bytes are an error, never a read beyond.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public readonly bool IsAtEnd => _left.IsEmpty;

    public byte Byte() => Take(1)[0];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    /// <summary>A number of things that follow.</summary>
    public int Count(int most)
    {
        int count = Int32();
        return (uint)count <= (uint)most ? count : throw Malformed();
    }

    public static CollectiveException Malformed() =>
        new(Error.Protocol, "A message about the members of a communicator can't be read: whatever sent it does not speak this version of the protocol. Use one version on all ranks.");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_left.Length < count)
        {
            throw Malformed();
        }

        ReadOnlySpan<byte> taken = _left[..count];
        _left = _left[count..];
        return taken;
    }
}
