using System.Buffers.Binary;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// Bytes as they came off a socket, cut into frames by their length prefix. A frame that claims more than <see cref="MaxFrameBytes"/> is refused
/// before a byte of it is stored, and the buffer grows only to the size of the frame at its front: a stranger can't make it large.
/// </summary>
internal sealed class FrameBuffer(int maxFrameBytes)
{
    private byte[] _bytes = new byte[WireProtocol.PrefixBytes + WireProtocol.MaxHandshakeBytes];
    private int _start;
    private int _end;

    /// <summary>The longest frame that is taken; raised once the other end has proved itself.</summary>
    public int MaxFrameBytes { get; set; } = maxFrameBytes;

    /// <summary>Room for the next bytes; never empty after <see cref="TryTake"/> returned false.</summary>
    public Span<byte> Free => _bytes.AsSpan(_end);

    public void Advance(int byteCount) => _end += byteCount;

    /// <summary>The next whole frame without its prefix, valid until the next call.</summary>
    /// <exception cref="CollectiveException">Its length is not one that the other end may send.</exception>
    public bool TryTake(out ReadOnlySpan<byte> frame)
    {
        frame = default;
        int available = _end - _start;
        if (available < WireProtocol.PrefixBytes)
        {
            MakeRoom(WireProtocol.PrefixBytes);
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(_start));
        if (length == 0 || length > (uint)MaxFrameBytes)
        {
            throw new CollectiveException(Error.Protocol, $"A frame of {length} bytes came, 1 to {MaxFrameBytes} are allowed: whatever is at the other end does not speak this protocol.");
        }

        int whole = WireProtocol.PrefixBytes + (int)length;
        if (available < whole)
        {
            MakeRoom(whole);
            return false;
        }

        frame = _bytes.AsSpan(_start + WireProtocol.PrefixBytes, (int)length);
        _start += whole;
        return true;
    }

    private void MakeRoom(int whole)
    {
        byte[] target = _bytes.Length >= whole ? _bytes : new byte[whole];
        _bytes.AsSpan(_start, _end - _start).CopyTo(target);
        _end -= _start;
        _start = 0;
        _bytes = target;
    }
}
