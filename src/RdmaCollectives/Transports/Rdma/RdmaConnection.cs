using RdmaCollectives.Memory;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// The FIFOs between two ranks on one channel: slots, and a path to write them by. Sending message m: slot m mod count is free when the receiver has released message m - count (credit) and this rank's own request for
/// it has completed (the NIC reads the slot no more). Header and payload go as one RDMA WRITE WITH IMMEDIATE into the peer's slot of the same number; the immediate takes one of the
/// empty receives that the peer has posted, of which there are always more than messages in flight. Where switches may send the packets of one write by different ways the immediate goes behind it, in an
/// empty write of its own. Credits come back in headers, and as a line when half the slots wait for it.
/// <para>
/// A path may fail and another take its place (<see cref="PathMigration"/>). Until a message has completed, its slot, or the memory that it was sent from, stays as it is, so it can be sent again.
/// </para>
/// <para>
/// Where messages are sealed, this processor seals the payload into the slot, from wherever it lies, and the peer opens it in memory of its own, which no adapter writes: what is checked is what is used.
/// The header is in the clear and part of what the tag covers. Nothing of a header is believed before the tag has held, so credits come as lines alone; whoever forges one makes this
/// rank overwrite what the peer has not read yet, which the peer's tags tell.
/// </para>
/// </summary>
internal sealed unsafe partial class RdmaConnection : Connection, IDisposable
{
    private readonly RdmaTransport _transport;
    private readonly SendChain _message = new(RdmaPath.RequestsPerMessage);
    private readonly SendChain _line = new(1);
    private readonly ScatterGatherElement[] _fromUser = GC.AllocateArray<ScatterGatherElement>(2, pinned: true);
    private readonly MessageSource[] _sources; // by slot
    private readonly int _creditThreshold;
    private readonly bool _isImmediateApart;
    private RdmaPath _path = null!;
    private bool _isUp;
    private CreditLine _creditLine;
    private uint _linesPosted;

    private ulong _sent; // messages
    private ulong _sentCompleted;
    private PeerCredit _releasedByPeer;
    private ulong _lastSentFrom; // number of messages when the last one went straight from user memory
    private ulong _creditNumberTaken;
    private ulong _arrived;
    private ulong _released;
    private ulong _releasedTold;
    private ulong _creditNumber;
    private RecordCipher? _sealer;
    private RecordCipher? _opener;
    private NativeBuffer? _opened;
    private bool _isOpen; // the oldest message is in _opened
    private string? _failure;
    private int _failureStatus;
    private string? _pathFailure; // of the last path that failed
    private int _pathStatus;
    private MessageHeader _openedHeader;

    public RdmaConnection(RdmaTransport transport, int peer, int channel)
        : base(peer, channel, transport.Context.SlotBytes, transport.Context.SlotCount)
    {
        _transport = transport;
        _sources = new MessageSource[SlotCount];
        _storedBytes = new int[SlotCount];
        _creditThreshold = Math.Max(1, SlotCount / 2);
        _isImmediateApart = transport.Context.Options.AdaptiveRouting;
        Buffers = new RdmaBuffers(SlotBytes, SlotCount, transport.IsEncrypted);
    }

    /// <summary>Its memory.</summary>
    public RdmaBuffers Buffers { get; }

    /// <summary>Both ends are connected by this path. The ciphers, if any, are the connection's from now on.</summary>
    public void Start(RdmaPath path, RecordCipher? sealer, RecordCipher? opener)
    {
        _path = path;
        _isUp = true;
        _sealer = sealer;
        _opener = opener;
        _opened = opener is null ? null : new NativeBuffer((nuint)SlotBytes, 64);
    }

    public override bool IsDrained
    {
        get
        {
            if (_sentCompleted >= _lastSentFrom)
            {
                return true;
            }

            FailIfBroken(); // its completion does not come any more
            return false;
        }
    }

    /// <summary>Everything posted has been acknowledged by the peer's NIC, or never will be.</summary>
    public bool IsQuiet => _sentCompleted == _sent || _failure is not null;

    // ---- Sending ----

    public override byte* TryGetSendSlot() => HasCredit() ? (byte*)(Buffers.OutboundHeader(SlotOf(_sent)) + 1) : null;

    public override void Send(in MessageHeader header) => Send(header, Nowhere);

    public override void Send(in MessageHeader header, ulong peersOffset)
    {
        int slot = SlotOf(_sent);
        MessageHeader* own = Buffers.OutboundHeader(slot);
        SendFromSlot(header, slot, own, (byte*)(own + 1), peersOffset);
    }

    private void SendFromSlot(in MessageHeader header, int slot, MessageHeader* own, byte* source, ulong peersOffset)
    {
        byte* at = (byte*)own - Buffers.PrefixBytes;
        *own = header;
        _sealer?.Seal(
            new ReadOnlySpan<byte>(source, (int)header.ByteCount), new Span<byte>(own + 1, (int)header.ByteCount), new Span<byte>(at, RecordCipher.TagBytes), new ReadOnlySpan<byte>(own, MessageHeader.ByteSize));
        Post(slot, new MessageSource(0, null, peersOffset));
    }

    public override bool CanSendFrom(MemoryRegistration? registration) => _sealer is not null || registration?.Keys[TransportIndex.Rdma] is RdmaRegistration;

    public override bool TrySendFrom(in MessageHeader header, byte* source, MemoryRegistration? registration) => TrySendFrom(header, source, registration, Nowhere);

    public override bool TrySendFrom(in MessageHeader header, byte* source, MemoryRegistration? registration, ulong peersOffset)
    {
        if (!HasCredit())
        {
            return false;
        }

        int slot = SlotOf(_sent);
        MessageHeader* at = Buffers.OutboundHeader(slot);
        if (_sealer is not null)
        {
            SendFromSlot(header, slot, at, source, Nowhere);
            return true;
        }

        *at = header;
        Post(slot, new MessageSource((nint)source, (RdmaRegistration)registration!.Keys[TransportIndex.Rdma]!, peersOffset));
        _lastSentFrom = _sent;
        return true;
    }

    // ---- Receiving ----

    public override bool TryReceive(out MessageHeader header, out byte* payload)
    {
        if (_released == _arrived)
        {
            FailIfBroken();
            header = default;
            payload = null;
            return false;
        }

        MessageHeader* at = Buffers.InboundHeader(SlotOf(_released));
        if (_opener is not null)
        {
            return TryOpen(at, _opener, out header, out payload);
        }

        header = *at;
        payload = (byte*)(at + 1);
        if (_storedBytes[SlotOf(_released)] < 0 && (header.Kind & InOutput) != InOutput)
        {
            return true;
        }

        payload = null;
        return TryTakeStored(SlotOf(_released), ref header);
    }

    public override void Release()
    {
        _released++;
        _isOpen = false;
        if (_released - _releasedTold >= (ulong)_creditThreshold && _transport.Gate.TryEnter())
        {
            ReturnCredit();
            _transport.Gate.Leave();
        }
    }

    public void Dispose()
    {
        Buffers.Dispose();
        _sealer?.Dispose();
        _opener?.Dispose();
        _opened?.Dispose();
    }

    private int SlotOf(ulong message) => (int)(message & (ulong)(SlotCount - 1));

    private bool HasCredit()
    {
        if (_sent - _releasedByPeer.Released >= (ulong)SlotCount)
        {
            TakeCreditLine();
        }

        bool free = _sent - _releasedByPeer.Released < (ulong)SlotCount && _sent - _sentCompleted < (ulong)SlotCount && _path.HasRoom;
        if (!free)
        {
            _transport.WaitsForCredit = true; // a credit line wakes nobody
        }

        return !FailIfBroken() && free;
    }

    private void TakeCreditLine()
    {
        if (_transport.Gate.TryEnter())
        {
            if (CreditLine.TryTake(Buffers.Credit, (uint)_transport.Context.Epoch, ref _creditNumberTaken, out ulong released))
            {
                _releasedByPeer.TakeLine(released);
                IsCreditPossible();
            }

            _transport.Gate.Leave();
        }
    }

    private bool FailIfBroken()
    {
        if (_failure is null)
        {
            return false;
        }

        _transport.Fail(Peer, _failureStatus, _failure);
        return true;
    }

    // Where the path has failed the message waits: it is sent by the next one.
    private void Post(int slot, in MessageSource source)
    {
        if (!_transport.Gate.TryEnter())
        {
            return; // fenced
        }

        _sources[slot] = source;
        Memory.MemoryOrder.Publish();
        if (_isUp)
        {
            PostMessage(_sent);
        }

        _sent++;
        _transport.Gate.Leave();
    }

    private void PostMessage(ulong message)
    {
        int slot = SlotOf(message);
        MessageHeader* header = Buffers.OutboundHeader(slot);
        uint byteCount = Buffers.PrefixBytes + MessageHeader.ByteSize + header->ByteCount;
        bool isInline = byteCount <= RdmaTransport.InlineByteCount;
        bool isApart = _isImmediateApart && !isInline;
        (nint source, RdmaRegistration? registration, ulong peersOffset) = _sources[slot];
        bool isStored = IsOpenAtPeer(*header, peersOffset, out ulong place);
        if (_sealer is null && (!isStored || _isImmediateApart)) // a sealed header is not to be changed, and the peer may need the credit before it opens it
        {
            header->Credit = (ushort)_released;
            _releasedTold = _released;
        }

        if (isStored)
        {
            PostStored(message, header, place);
            return;
        }

        _message.Clear();
        fixed (ScatterGatherElement* elements = _fromUser)
        {
            var ownMemory = new ScatterGatherElement((byte*)header - Buffers.PrefixBytes, registration is null ? byteCount : MessageHeader.ByteSize, _path.OutboundKey);
            ref SendRequest request = ref _message.Add(
                _path.NextId(WorkKind.Message), isApart ? SendOpcode.Write : SendOpcode.WriteWithImmediate, ownMemory, isApart ? SendFlags.None : SendFlags.Signaled | (isInline && registration is null ? SendFlags.Inline : SendFlags.None));
            if (registration is not null)
            {
                elements[0] = ownMemory;
                elements[1] = new ScatterGatherElement((byte*)source, header->ByteCount, registration.LocalKey(_path.Rail));
                request.SetElements(elements, header->ByteCount == 0 ? 1 : 2);
            }

            ulong address = _path.Remote.FirstMessageAddress + Buffers.OffsetOf(slot);
            uint immediate = ImmediateOf(message, piece: 0);
            request.SetRemote(address, _path.Remote.RemoteKey);
            request.Immediate = immediate;
            if (isApart)
            {
                _message.AddWriteWithImmediate(_path.NextId(WorkKind.Message, behind: 1), default, address, _path.Remote.RemoteKey, immediate, SendFlags.Signaled);
            }

            PostOrBreak(_message);
        }
    }

    private uint ImmediateOf(ulong message, int piece) => new Immediate(message, piece, (int)(_path.Number & Immediate.PathMask), _transport.Context.Epoch).Value;

    private bool PostOrBreak(SendChain chain)
    {
        int error = _path.Post(chain);
        if (error != 0)
        {
            PathBroke(error, _path.PostFailure(error).Message);
        }

        return error == 0;
    }

    // A line in the peer's memory; sent from where it lies only until this returns.
    private bool PostLine(void* line, ulong address)
    {
        _line.Clear();
        SendFlags signal = ++_linesPosted % RdmaPath.CreditSignalInterval == 0 ? SendFlags.Signaled : SendFlags.None; // so that the send queue drains
        _line.AddWrite(_path.NextId(WorkKind.Line), new ScatterGatherElement(line, CreditLine.ByteSize, 0), address, _path.Remote.RemoteKey, SendFlags.Inline | signal);
        return PostOrBreak(_line);
    }

    private void ReturnCredit()
    {
        if (_failure is not null || !_isUp || !_path.HasRoom)
        {
            return; // the next message takes it along, or the next completion finds it due
        }

        _creditLine = CreditLine.Create(_released, (uint)_transport.Context.Epoch, ++_creditNumber);
        fixed (CreditLine* line = &_creditLine)
        {
            if (PostLine(line, _path.Remote.CreditAddress))
            {
                _releasedTold = _released;
            }
        }
    }

    private void Break(int status, string why)
    {
        _failure ??= why;
        _failureStatus = status;
    }
}
