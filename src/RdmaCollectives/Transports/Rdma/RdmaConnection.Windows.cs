using System.Runtime.InteropServices;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// Results written straight into the output of the rank that gets them (docs/adr/0024-output-windows-over-verbs.md). When a call begins a rank writes its peer a line with the key to its output. A message that belongs
/// there goes as two requests of one chain: the payload into the output, and behind it the header with the place, as an immediate write into the message's slot. The slots, the counts and the order are those of any message; so
/// a path that takes over sends it again as one that goes through its slot.
/// </summary>
internal sealed unsafe partial class RdmaConnection
{
    /// <summary>Below so many bytes a second request costs more than the copy at the other end.</summary>
    private const uint LeastStored = 16 * 1024;

    /// <summary>In the kind of a header: the payload is at the place behind the header, in the receiver's output.</summary>
    private const MessageKind InOutput = (MessageKind)0x80;

    private OutputLine _ownLine;
    private ulong _ownLineNumber;
    private OutputLine _peersLine;
    private ulong _peersLineNumber;

    /// <summary>The header of a message whose payload is in the receiver's output.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct StoredMessage
    {
        public MessageHeader Header;
        public ulong Offset;
    }

    public override bool HasWindows => _transport.HasOutputWindows;

    public override int WindowChannel => Channel;

    public override void OpenOutput(in MessageHeader call, byte* output, ulong byteCount, MemoryRegistration registration)
    {
        if (byteCount < LeastStored || registration.Keys[TransportIndex.Rdma] is not RdmaRegistration keys || !_transport.Gate.TryEnter())
        {
            return;
        }

        _transport.OpenedOutput.Open(Transports.OpenedOutput.CallOf(call), output, byteCount);
        if (_failure is null && _isUp && _path.HasRoom)
        {
            _path.MayStore = true;
            _ownLine = new OutputLine
            {
                Call = Transports.OpenedOutput.CallOf(call),
                Address = (ulong)output,
                ByteCount = byteCount,
                RemoteKey = keys.RemoteKey(_path.Rail),
                Path = _path.Number,
                Epoch = (uint)_transport.Context.Epoch,
            };
            _ownLine.Seal(++_ownLineNumber);
            fixed (OutputLine* line = &_ownLine)
            {
                PostLine(line, _path.Remote.OutputLineAddress);
            }
        }

        _transport.Gate.Leave();
    }

    // Inside the gate. Whether the message goes into the peer's output, and where that is.
    private bool IsOpenAtPeer(in MessageHeader header, ulong offset, out ulong address)
    {
        address = 0;
        if (offset == Nowhere || header.ByteCount < LeastStored || _sealer is not null)
        {
            return false;
        }

        OutputLine.TryTake(Buffers.OutputLine, (uint)_transport.Context.Epoch, ref _peersLineNumber, ref _peersLine);
        if (_peersLine.Call != Transports.OpenedOutput.CallOf(header) || _peersLine.Path != _path.Number || _peersLineNumber == 0 || offset > _peersLine.ByteCount || header.ByteCount > _peersLine.ByteCount - offset)
        {
            return false;
        }

        address = _peersLine.Address + offset;
        return true;
    }

    // Inside the gate. The chain is posted by one call; the second request arrives, and completes, after the first.
    private void PostStored(ulong message, MessageHeader* header, ulong place)
    {
        MessageSource source = _sources[SlotOf(message)];
        var told = new StoredMessage { Header = *header, Offset = source.PeersOffset };
        told.Header.Kind |= InOutput;
        ScatterGatherElement payload = source.Registration is { } registration
            ? new ScatterGatherElement((byte*)source.Memory, header->ByteCount, registration.LocalKey(_path.Rail))
            : new ScatterGatherElement((byte*)(header + 1), header->ByteCount, _path.OutboundKey);
        uint immediate = new Immediate(message, piece: 0, (int)(_path.Number & Immediate.PathMask), _transport.Context.Epoch).Value;
        _message.Clear();
        _message.AddWrite(_path.NextId(WorkKind.Message), payload, place, _peersLine.RemoteKey);
        _message.AddWriteWithImmediate(
            _path.NextId(WorkKind.Message, behind: 1), new ScatterGatherElement(&told, (uint)sizeof(StoredMessage), 0), _path.Remote.FirstMessageAddress + Buffers.OffsetOf(SlotOf(message)), _path.Remote.RemoteKey, immediate,
            SendFlags.Inline | SendFlags.Signaled);
        if (PostOrBreak(_message))
        {
            _transport.StoredCount++;
        }
    }

    // Where the payload of a message lies that has arrived.
    private bool TryLocateStored(MessageHeader* at, ref MessageHeader header, out byte* payload)
    {
        header.Kind &= ~InOutput;
        ulong offset = ((StoredMessage*)at)->Offset;
        payload = _transport.OpenedOutput.At(Transports.OpenedOutput.CallOf(header), offset, header.ByteCount);
        if (payload is null)
        {
            Break(0, $"rank {Peer} says that it wrote {header.ByteCount} bytes at offset {offset} of this rank's output, which is not open there");
        }

        return payload is not null || !FailIfBroken();
    }
}
