using System.Runtime.InteropServices;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>
/// The outgoing half of a connection: a ring of at most <c>slotCount</c> messages, each a header and the place of its payload (a slot of ours, or memory of the caller). As many as fit go to the
/// kernel in one <c>sendmsg</c>, headers and payloads gathered; what the kernel does not take stays, in order. An entry is free again when the kernel has taken its last byte (it copies, so
/// then nobody reads the payload any more). No fence is needed before the call: the copy is made by this processor.
/// With a cipher, header and payload are sealed when a message is posted, each with a tag behind it: the header in the ring, the payload in the message's slot, wherever it came from.
/// </summary>
internal sealed unsafe class TcpSender : IDisposable
{
    // 8 messages in one call: enough to batch small ones; large ones fill the socket buffer sooner.
    private const int MaxPieces = 16;

    /// <summary>Behind a slot, for the tag; a whole line, so that the next slot is aligned.</summary>
    private const uint TagRoomBytes = 64;

    private readonly int _descriptor;
    private readonly int _slotBytes;
    private readonly uint _slotCount;
    private readonly RecordCipher? _cipher;
    private readonly nuint _stride;
    private readonly Message* _ring;
    private readonly byte* _slots;
    private uint _posted;
    private uint _sent;
    private nuint _sentOfOldest;

    public TcpSender(int descriptor, int slotBytes, int slotCount, RecordCipher? cipher)
    {
        _descriptor = descriptor;
        _slotBytes = slotBytes;
        _cipher = cipher;
        _stride = (nuint)slotBytes + (cipher is null ? 0u : TagRoomBytes);
        _slotCount = (uint)slotCount;
        _ring = (Message*)NativeMemory.AlignedAlloc((nuint)slotCount * (nuint)sizeof(Message), 64);
        _slots = (byte*)NativeMemory.AlignedAlloc((nuint)slotCount * _stride, 64);
    }

    public bool IsEmpty => _posted == _sent;

    public bool IsFull => _posted - _sent == _slotCount;

    /// <summary>The slot of the next message; only while not <see cref="IsFull"/>. Slot sizes are multiples of 64, so every slot is aligned.</summary>
    public byte* NextSlot => _slots + ((nuint)(_posted & (_slotCount - 1)) * _stride);

    public void Post(in MessageHeader header, byte* payload)
    {
        Message* message = _ring + (_posted & (_slotCount - 1));
        *(MessageHeader*)message->Head = header;
        message->HeadBytes = MessageHeader.ByteSize;
        message->Payload = payload;
        message->PayloadBytes = header.ByteCount;
        if (_cipher is not null)
        {
            Seal(message, _cipher);
        }

        _posted++;
    }

    /// <summary>
    /// Gives the kernel what it takes now. Ends with an empty ring or with EAGAIN, never with a short write alone: only EAGAIN promises an EPOLLOUT event.
    /// Returns 0, or the errno that ended the connection.
    /// </summary>
    public int Flush()
    {
        SysUio.iovec* pieces = stackalloc SysUio.iovec[MaxPieces];
        while (_posted != _sent)
        {
            SysSocket.msghdr message = default;
            message.msg_iov = pieces;
            message.msg_iovlen = (nuint)Gather(pieces);
            nint count = SysSocket.sendmsg(_descriptor, &message, SysSocket.MSG_DONTWAIT | SysSocket.MSG_NOSIGNAL);
            if (count >= 0)
            {
                Advance((nuint)count);
                continue;
            }

            int errno = Errno.Last;
            if (errno != Errno.EINTR)
            {
                return errno == Errno.EAGAIN ? 0 : errno;
            }
        }

        return 0;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_ring);
        NativeMemory.AlignedFree(_slots);
    }

    private int Gather(SysUio.iovec* pieces)
    {
        int count = 0;
        nuint skip = _sentOfOldest;
        for (uint number = _sent; number != _posted && count <= MaxPieces - 2; number++)
        {
            Message* message = _ring + (number & (_slotCount - 1));
            if (skip < message->HeadBytes)
            {
                pieces[count++] = new SysUio.iovec { iov_base = message->Head + skip, iov_len = message->HeadBytes - skip };
                skip = 0;
            }
            else
            {
                skip -= message->HeadBytes;
            }

            if (message->PayloadBytes > skip)
            {
                pieces[count++] = new SysUio.iovec { iov_base = message->Payload + skip, iov_len = message->PayloadBytes - skip };
            }

            skip = 0;
        }

        return count;
    }

    private void Advance(nuint count)
    {
        _sentOfOldest += count;
        while (_posted != _sent)
        {
            Message* oldest = _ring + (_sent & (_slotCount - 1));
            nuint size = (nuint)oldest->HeadBytes + oldest->PayloadBytes;
            if (_sentOfOldest < size)
            {
                return;
            }

            _sentOfOldest -= size;
            _sent++;
        }
    }

    private void Seal(Message* message, RecordCipher cipher)
    {
        Span<byte> head = new(message->Head, MaxHeadBytes);
        cipher.Seal(head[..MessageHeader.ByteSize], head[..MessageHeader.ByteSize], head[MessageHeader.ByteSize..]);
        message->HeadBytes = MaxHeadBytes;
        if (message->PayloadBytes > 0)
        {
            int size = (int)message->PayloadBytes;
            byte* slot = NextSlot;
            cipher.Seal(new ReadOnlySpan<byte>(message->Payload, size), new Span<byte>(slot, size), new Span<byte>(slot + size, RecordCipher.TagBytes));
            message->Payload = slot;
            message->PayloadBytes += RecordCipher.TagBytes;
        }
    }

    private const int MaxHeadBytes = MessageHeader.ByteSize + RecordCipher.TagBytes;

    /// <summary>What goes out: the header, sealed or not, and the payload with its tag, if it has one.</summary>
    private struct Message
    {
        public fixed byte Head[MaxHeadBytes];
        public uint HeadBytes;
        public uint PayloadBytes;
        public byte* Payload;
    }
}
