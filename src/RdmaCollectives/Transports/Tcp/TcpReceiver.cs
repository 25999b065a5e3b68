using System.Runtime.InteropServices;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>
/// The incoming half of a connection. Bytes are read ahead into a small buffer, so that one system call takes several small messages; the payload of a message goes to its target (the slot,
/// 64-byte aligned, or the caller's memory): what was read ahead is copied, the rest is read there directly, and the same <c>readv</c> reads ahead of the next message.
/// With a cipher, header and payload each have a tag behind them. The payload then always lands in the slot, and is opened into its target when it is whole: nothing of it is anywhere else before its tag has held.
/// <code>
/// no header --16 bytes--> header --target chosen--> payload --last byte--> whole --Take--> no header
/// </code>
/// </summary>
internal sealed unsafe class TcpReceiver : IDisposable
{
    // Messages up to this size come with their header in one call; of larger ones at most this much is copied once more, which is little beside their system calls.
    private const int AheadBytes = 8192;

    private readonly int _descriptor;
    private readonly int _slotBytes;
    private readonly RecordCipher? _cipher;
    private readonly int _headBytes;
    private readonly byte* _ahead;
    private readonly byte* _slot;
    private int _aheadStart;
    private int _aheadEnd;
    private MessageHeader _header;
    private byte* _target;
    private nuint _received;

    public TcpReceiver(int descriptor, int slotBytes, RecordCipher? cipher)
    {
        _cipher = cipher;
        _headBytes = MessageHeader.ByteSize + (cipher is null ? 0 : RecordCipher.TagBytes);
        _descriptor = descriptor;
        _slotBytes = slotBytes;
        _ahead = (byte*)NativeMemory.AlignedAlloc(AheadBytes, 64);
        _slot = (byte*)NativeMemory.AlignedAlloc((nuint)slotBytes + RecordCipher.TagBytes, 64);
    }

    /// <summary>The header of the message that is being received; only while <see cref="HasHeader"/>.</summary>
    public ref readonly MessageHeader Header => ref _header;

    public bool HasHeader { get; private set; }

    /// <summary>Whether <see cref="Header"/> and all of its payload are here.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Where the payload goes: null until it is chosen, <see cref="Slot"/>, or the caller's memory.</summary>
    public byte* Target => _target;

    public byte* Slot => _slot;

    /// <summary>Reads until <see cref="HasHeader"/> or there is no more now.</summary>
    public ReceiveResult ReadHeader()
    {
        while (_aheadEnd - _aheadStart < _headBytes)
        {
            // Only part of a header can be left here: whole payloads are taken by their messages. So this moves less than one.
            int left = _aheadEnd - _aheadStart;
            Buffer.MemoryCopy(_ahead + _aheadStart, _ahead, AheadBytes, left);
            _aheadStart = 0;
            _aheadEnd = left;
            nint count = SysSocket.recv(_descriptor, _ahead + left, (nuint)(AheadBytes - left), SysSocket.MSG_DONTWAIT);
            if (count <= 0)
            {
                ReceiveResult result = ReceiveResult.OfCall(count);
                if (result.Kind == ReceiveResultKind.Interrupted)
                {
                    continue;
                }

                return result;
            }

            _aheadEnd += (int)count;
        }

        if (!TakeHeader(_ahead + _aheadStart))
        {
            return new ReceiveResult(ReceiveResultKind.Forged, 0);
        }

        _aheadStart += _headBytes;
        if (_header.ByteCount > (uint)_slotBytes)
        {
            return new ReceiveResult(ReceiveResultKind.Malformed, 0);
        }

        HasHeader = true;
        return default;
    }

    /// <summary>Says where the payload of the message goes, before its first byte.</summary>
    public void Choose(byte* target)
    {
        _target = target;
        _received = 0;
    }

    /// <summary>Reads until <see cref="IsWhole"/> or there is no more now. May be called again when it is whole.</summary>
    public ReceiveResult ReadPayload()
    {
        if (IsWhole)
        {
            return default;
        }

        nuint size = _header.ByteCount;
        byte* target = _target;
        if (_cipher is not null && size > 0)
        {
            size += RecordCipher.TagBytes;
            target = _slot;
        }

        nuint copied = Math.Min((nuint)(_aheadEnd - _aheadStart), size - _received);
        Buffer.MemoryCopy(_ahead + _aheadStart, target + _received, size - _received, copied);
        _aheadStart += (int)copied;
        _received += copied;

        SysUio.iovec* pieces = stackalloc SysUio.iovec[2];
        while (_received < size)
        {
            nuint missing = size - _received;
            pieces[0] = new SysUio.iovec { iov_base = target + _received, iov_len = missing };
            pieces[1] = new SysUio.iovec { iov_base = _ahead, iov_len = AheadBytes };
            nint count = SysUio.readv(_descriptor, pieces, 2);
            if (count <= 0)
            {
                ReceiveResult result = ReceiveResult.OfCall(count);
                if (result.Kind == ReceiveResultKind.Interrupted)
                {
                    continue;
                }

                return result;
            }

            nuint taken = Math.Min((nuint)count, missing);
            _received += taken;
            _aheadStart = 0;
            _aheadEnd = (int)((nuint)count - taken);
        }

        if (_cipher is not null && !TakePayload(_cipher))
        {
            return new ReceiveResult(ReceiveResultKind.Forged, 0);
        }

        IsWhole = true;
        return default;
    }

    /// <summary>The whole message was used: on to the next.</summary>
    public void Take()
    {
        HasHeader = false;
        IsWhole = false;
        _target = null;
    }

    private bool TakeHeader(byte* from)
    {
        if (_cipher is null)
        {
            _header = *(MessageHeader*)from;
            return true;
        }

        fixed (MessageHeader* header = &_header)
        {
            return _cipher.TryOpen(
                new ReadOnlySpan<byte>(from, MessageHeader.ByteSize), new ReadOnlySpan<byte>(from + MessageHeader.ByteSize, RecordCipher.TagBytes), new Span<byte>(header, MessageHeader.ByteSize));
        }
    }

    private bool TakePayload(RecordCipher cipher)
    {
        int size = (int)_header.ByteCount;
        return size == 0 || cipher.TryOpen(new ReadOnlySpan<byte>(_slot, size), new ReadOnlySpan<byte>(_slot + size, RecordCipher.TagBytes), new Span<byte>(_target, size));
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_ahead);
        NativeMemory.AlignedFree(_slot);
    }
}
