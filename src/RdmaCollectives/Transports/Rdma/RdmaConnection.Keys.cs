using System.Runtime.InteropServices;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>Opening what is sealed.</summary>
internal sealed unsafe partial class RdmaConnection
{
    // Copied first: the slot can be written as long as the peer has its key.
    private bool TryOpen(MessageHeader* at, RecordCipher opener, out MessageHeader header, out byte* payload)
    {
        payload = _opened!.Address;
        if (!_isOpen)
        {
            _openedHeader = *at;
            UInt128 tag = *(UInt128*)((byte*)at - RecordCipher.TagBytes);
            uint size = Math.Min(_openedHeader.ByteCount, (uint)SlotBytes);
            Buffer.MemoryCopy(at + 1, payload, SlotBytes, size);
            var text = new Span<byte>(payload, (int)size);
            _isOpen = opener.TryOpen(text, new ReadOnlySpan<byte>(&tag, RecordCipher.TagBytes), text, MemoryMarshal.AsBytes(new ReadOnlySpan<MessageHeader>(ref _openedHeader)));
        }

        header = _openedHeader;
        if (!_isOpen)
        {
            Break(0, $"a message from rank {Peer} failed its authentication: it was altered, repeated, dropped or put in on its way. Nothing of it was used. Look for who can write to the fabric between the two hosts");
            return !FailIfBroken();
        }

        return true;
    }
}
