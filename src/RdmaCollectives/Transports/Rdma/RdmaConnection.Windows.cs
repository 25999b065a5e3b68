using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// Results written straight into the output of the rank that gets them (docs/adr/0024-output-windows-over-verbs.md). When a call begins a rank writes its peer a line with the key to its output. The payload of a message
/// that belongs there is written there in place of the message's slot, and the piece in its immediate says so; there is no header, as sender and line agree on the call, and both ends know from the plan where the message belongs.
/// Where the immediate goes behind the data it brings the header to the slot. Counts and order are those of any message; so a path that takes over sends it again through its slot.
/// </summary>
internal sealed unsafe partial class RdmaConnection
{
    /// <summary>Smaller outputs are not opened: the line is a packet more than their messages.</summary>
    private const uint LeastOutput = 256 * 1024;

    /// <summary>In the kind of a header: the payload is where the message belongs in the receiver's output.</summary>
    private const MessageKind InOutput = (MessageKind)0x80;

    private readonly int[] _storedBytes; // by slot of messages that arrived: how many bytes are in this rank's output, or -1 for one that is in its slot
    private OutputLine _ownLine;
    private ulong _ownLineNumber;
    private OutputLine _peersLine;
    private ulong _peersLineNumber;

    public override bool HasWindows => _transport.HasOutputWindows;

    public override int WindowChannel => Channel;

    public override void OpenOutput(in MessageHeader call, byte* output, ulong byteCount, MemoryRegistration registration)
    {
        if (byteCount < LeastOutput || registration.Keys[TransportIndex.Rdma] is not RdmaRegistration keys || !_transport.Gate.TryEnter())
        {
            return;
        }

        _transport.OpenedCall = MessageHeader.CallOf(call);
        if (_failure is null && _isUp && _path.HasRoom)
        {
            _path.MayStore = true;
            _ownLine = new OutputLine
            {
                Call = _transport.OpenedCall,
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
        if (offset == Nowhere || _sealer is not null)
        {
            return false;
        }

        OutputLine.TryTake(Buffers.OutputLine, (uint)_transport.Context.Epoch, ref _peersLineNumber, ref _peersLine);
        if (_peersLine.Call != MessageHeader.CallOf(header) || _peersLine.Path != _path.Number || _peersLineNumber == 0 || offset > _peersLine.ByteCount || header.ByteCount > _peersLine.ByteCount - offset)
        {
            return false;
        }

        address = _peersLine.Address + offset;
        return true;
    }

    // Inside the gate.
    private void PostStored(ulong message, MessageHeader* header, ulong place)
    {
        MessageSource source = _sources[SlotOf(message)];
        ScatterGatherElement payload = source.Registration is { } registration
            ? new ScatterGatherElement((byte*)source.Memory, header->ByteCount, registration.LocalKey(_path.Rail))
            : new ScatterGatherElement((byte*)(header + 1), header->ByteCount, _path.OutboundKey);
        _message.Clear();
        if (!_isImmediateApart)
        {
            _message.AddWriteWithImmediate(_path.NextId(WorkKind.Message), payload, place, _peersLine.RemoteKey, ImmediateOf(message, Immediate.StoredPiece), SendFlags.Signaled);
        }
        else
        {
            MessageHeader told = *header;
            told.Kind |= InOutput;
            _message.AddWrite(_path.NextId(WorkKind.Message), payload, place, _peersLine.RemoteKey);
            _message.AddWriteWithImmediate(
                _path.NextId(WorkKind.Message, behind: 1), new ScatterGatherElement(&told, MessageHeader.ByteSize, 0), _path.Remote.FirstMessageAddress + Buffers.OffsetOf(SlotOf(message)), _path.Remote.RemoteKey,
                ImmediateOf(message, piece: 0), SendFlags.Inline | SendFlags.Signaled);
        }

        if (PostOrBreak(_message))
        {
            _transport.StoredCount++;
        }
    }

    // The header of a message that has arrived without one, or with one that says that the payload is not behind it.
    private bool TryTakeStored(int slot, ref MessageHeader header)
    {
        int stored = _storedBytes[slot];
        header = stored < 0 ? header with { Kind = header.Kind & ~InOutput } : new MessageHeader { Hash = (uint)(_transport.OpenedCall >> 32), Sequence = (uint)_transport.OpenedCall, ByteCount = (uint)stored, Epoch = (byte)_transport.Context.Epoch };
        if (MessageHeader.CallOf(header) == _transport.OpenedCall)
        {
            return true;
        }

        Break(0, $"rank {Peer} says that it wrote {header.ByteCount} bytes into this rank's output, which is open for another call or none");
        return !FailIfBroken();
    }
}
