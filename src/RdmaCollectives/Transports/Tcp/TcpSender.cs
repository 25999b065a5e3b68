using System.Runtime.InteropServices;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>
/// The outgoing half of a connection: a ring of at most <c>slotCount</c> messages, each a header and the place of its payload (a slot of ours, or memory of the caller). As many as fit go to the
/// kernel in one <c>sendmsg</c>, headers and payloads gathered; what the kernel does not take stays, in order. An entry is free again when the kernel has taken its last byte (it copies, so
/// then nobody reads the payload any more). No fence is needed before the call: the copy is made by this processor.
/// </summary>
internal sealed unsafe class TcpSender : IDisposable
{
    // 8 messages in one call: enough to batch small ones; large ones fill the socket buffer sooner.
    private const int MaxPieces = 16;

    private readonly int _descriptor;
    private readonly int _slotBytes;
    private readonly uint _slotCount;
    private readonly Message* _ring;
    private readonly byte* _slots;
    private uint _posted;
    private uint _sent;
    private nuint _sentOfOldest;

    public TcpSender(int descriptor, int slotBytes, int slotCount)
    {
        _descriptor = descriptor;
        _slotBytes = slotBytes;
        _slotCount = (uint)slotCount;
        _ring = (Message*)NativeMemory.AlignedAlloc((nuint)slotCount * (nuint)sizeof(Message), 64);
        _slots = (byte*)NativeMemory.AlignedAlloc((nuint)slotCount * (nuint)slotBytes, 64);
    }

    public bool IsEmpty => _posted == _sent;

    public bool IsFull => _posted - _sent == _slotCount;

    /// <summary>The slot of the next message; only while not <see cref="IsFull"/>. Slot sizes are multiples of 64, so every slot is aligned.</summary>
    public byte* NextSlot => _slots + ((nuint)(_posted & (_slotCount - 1)) * (nuint)_slotBytes);

    public void Post(in MessageHeader header, byte* payload)
    {
        Message* message = _ring + (_posted & (_slotCount - 1));
        message->Header = header;
        message->Payload = payload;
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
            if (skip < MessageHeader.ByteSize)
            {
                pieces[count++] = new SysUio.iovec { iov_base = (byte*)&message->Header + skip, iov_len = MessageHeader.ByteSize - skip };
                skip = 0;
            }
            else
            {
                skip -= MessageHeader.ByteSize;
            }

            if (message->Header.ByteCount > skip)
            {
                pieces[count++] = new SysUio.iovec { iov_base = message->Payload + skip, iov_len = message->Header.ByteCount - skip };
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
            nuint size = MessageHeader.ByteSize + (nuint)_ring[_sent & (_slotCount - 1)].Header.ByteCount;
            if (_sentOfOldest < size)
            {
                return;
            }

            _sentOfOldest -= size;
            _sent++;
        }
    }

    private struct Message
    {
        public MessageHeader Header;
        public byte* Payload;
    }
}
