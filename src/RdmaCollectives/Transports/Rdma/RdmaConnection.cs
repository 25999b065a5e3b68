using RdmaCollectives.Memory;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// One queue pair and its slots. Sending message m: slot m mod count is free when the receiver has released message m - count (credit) and this rank's own request for it has completed (the
/// NIC reads the slot no more). Header and payload go as one RDMA WRITE WITH IMMEDIATE into the peer's slot of the same number; the immediate takes one of the
/// empty receives that the peer has posted, of which there are always more than messages in flight. Credits come back in headers, and as a line when half the slots wait for it.
/// <para>
/// Where messages are sealed, this processor seals the payload into the slot, from wherever it lies, and the peer opens it in memory of its own, which no adapter writes: what is checked is what is used.
/// The header is in the clear and part of what the tag covers. Nothing of a header is believed before the tag has held, so credits come as lines alone; whoever forges one makes this
/// rank overwrite what the peer has not read yet, which the peer's tags tell.
/// </para>
/// </summary>
internal sealed unsafe partial class RdmaConnection : Connection, IDisposable
{
    private const int CreditSignalInterval = 8;

    private readonly RdmaTransport _transport;
    private readonly RdmaRail _rail;
    private readonly RdmaBuffers _buffers;
    private readonly QueuePair _queuePair;
    private readonly QueuePairLease _lease;
    private readonly SendChain _message = new(1);
    private readonly SendChain _credit = new(1);
    private readonly ScatterGatherElement[] _fromUser = GC.AllocateArray<ScatterGatherElement>(2, pinned: true);
    private readonly int _index;
    private readonly int _sendDepth;
    private readonly int _creditThreshold;
    private RdmaEndpoint _remote;
    private CreditLine _creditLine;

    private ulong _sent; // messages
    private ulong _sentCompleted;
    private PeerCredit _releasedByPeer;
    private ulong _lastSentFrom; // number of messages when the last one went straight from user memory
    private ulong _creditNumberTaken;
    private ulong _arrived;
    private ulong _released;
    private ulong _releasedTold;
    private ulong _creditNumber;
    private uint _posted; // requests on the send queue
    private uint _postedCompleted;
    private RecordCipher? _sealer;
    private RecordCipher? _opener;
    private NativeBuffer? _opened;
    private bool _isOpen; // the oldest message is in _opened
    private bool _isDestroyed;
    private string? _failure;
    private int _failureStatus;
    private MessageHeader _openedHeader;

    public RdmaConnection(RdmaTransport transport, RdmaRail rail, int index, int peer, int channel, RdmaBuffers buffers, QueuePair queuePair, int sendDepth)
        : base(peer, channel, transport.Context.SlotBytes, transport.Context.SlotCount)
    {
        _transport = transport;
        _rail = rail;
        _index = index;
        _buffers = buffers;
        _queuePair = queuePair;
        _lease = queuePair.Lease();
        _sendDepth = sendDepth;
        _creditThreshold = Math.Max(1, SlotCount / 2);
    }

    /// <summary>Receives posted at the start: more than messages can be in flight, so that a receive is posted again before its credit is given back.</summary>
    public static int ReceiveDepth(int slotCount) => 2 * slotCount;

    /// <summary>Send requests under way: a message per slot, and the credit lines between two signalled ones.</summary>
    public static int SendDepth(int slotCount) => slotCount + (2 * CreditSignalInterval);

    /// <summary>Both ends are known. The ciphers, if any, are the connection's from now on.</summary>
    public void Start(in RdmaEndpoint remote, RecordCipher? sealer, RecordCipher? opener)
    {
        _remote = remote;
        _sealer = sealer;
        _opener = opener;
        _opened = opener is null ? null : new NativeBuffer((nuint)SlotBytes, 64);
        if (_buffers.Window is { } window)
        {
            _message.Clear();
            ref SendRequest request = ref _message.Add(NextId(WorkKind.Window), SendOpcode.BindMemoryWindow, default, SendFlags.Signaled);
            request.SetBind(window, _buffers.Inbound.Address, _buffers.Inbound.ByteCount, MemoryAccess.RemoteWrite);
            int error = _lease.PostSend(_message, out _);
            if (error != 0)
            {
                throw _lease.PostFailure(error);
            }

            _posted++;
        }
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

    public override byte* TryGetSendSlot() => HasCredit() ? (byte*)(_buffers.OutboundHeader(SlotOf(_sent)) + 1) : null;

    public override void Send(in MessageHeader header)
    {
        int slot = SlotOf(_sent);
        MessageHeader* own = _buffers.OutboundHeader(slot);
        SendFromSlot(header, slot, own, (byte*)(own + 1));
    }

    private void SendFromSlot(in MessageHeader header, int slot, MessageHeader* own, byte* source)
    {
        uint byteCount = _buffers.PrefixBytes + MessageHeader.ByteSize + header.ByteCount;
        byte* at = (byte*)own - _buffers.PrefixBytes;
        PrepareHeader(own, header);
        _sealer?.Seal(
            new ReadOnlySpan<byte>(source, (int)header.ByteCount), new Span<byte>(own + 1, (int)header.ByteCount), new Span<byte>(at, RecordCipher.TagBytes), new ReadOnlySpan<byte>(own, MessageHeader.ByteSize));
        _message.Clear();
        SendFlags inline = byteCount <= RdmaTransport.InlineByteCount ? SendFlags.Inline : SendFlags.None;
        ref SendRequest request = ref _message.Add(NextId(WorkKind.Message), SendOpcode.WriteWithImmediate, new ScatterGatherElement(at, byteCount, _buffers.Outbound.LocalKey), SendFlags.Signaled | inline);
        Post(ref request, slot);
    }

    public override bool CanSendFrom(MemoryRegistration? registration) => _sealer is not null || registration?.Keys[TransportIndex.Rdma] is RdmaRegistration;

    public override bool TrySendFrom(in MessageHeader header, byte* source, MemoryRegistration? registration)
    {
        if (!HasCredit())
        {
            return false;
        }

        int slot = SlotOf(_sent);
        MessageHeader* at = _buffers.OutboundHeader(slot);
        if (_sealer is not null)
        {
            SendFromSlot(header, slot, at, source);
            return true;
        }

        PrepareHeader(at, header);
        _message.Clear();
        ref SendRequest request = ref _message.Add(NextId(WorkKind.Message), SendOpcode.WriteWithImmediate, new ScatterGatherElement(at, MessageHeader.ByteSize, _buffers.Outbound.LocalKey), SendFlags.Signaled);
        _fromUser[0] = new ScatterGatherElement(at, MessageHeader.ByteSize, _buffers.Outbound.LocalKey);
        _fromUser[1] = new ScatterGatherElement(source, header.ByteCount, ((RdmaRegistration)registration!.Keys[TransportIndex.Rdma]!).LocalKey(_rail));
        fixed (ScatterGatherElement* elements = _fromUser)
        {
            request.SetElements(elements, header.ByteCount == 0 ? 1 : 2);
            Post(ref request, slot);
        }

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

        MessageHeader* at = _buffers.InboundHeader(SlotOf(_released));
        if (_opener is not null)
        {
            return TryOpen(at, _opener, out header, out payload);
        }

        header = *at;
        payload = (byte*)(at + 1);
        return true;
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

    /// <summary>Every request that was posted has ended: the NIC reads nothing of this rank's for this connection any more.</summary>
    public bool IsFlushed => _postedCompleted == _posted || _isDestroyed;

    /// <summary>To ERR: nothing is received or sent any more, and what is on the send queue is flushed.</summary>
    public void Fence()
    {
        try
        {
            _queuePair.MoveToError();
        }
        catch (VerbsException)
        {
            // The device is gone, and with it every write. Were it not so: the peer's key opens our slots, never the caller's memory.
        }
    }

    /// <summary>The queue pair goes, and with it every access of the NIC. Only when nobody posts any more.</summary>
    public void Destroy()
    {
        if (!_isDestroyed)
        {
            _isDestroyed = true;
            _lease.Dispose();
            if (_buffers.Window is { } window)
            {
                Fence(); // so that the peer meets no closed window first
                window.Dispose(); // what is bound to a queue pair holds it: rxe (Linux 6.1) waits 200 s for the window before it destroys the queue pair
            }

            _queuePair.Dispose();
        }
    }

    public void Dispose()
    {
        Destroy();
        _buffers.Dispose();
        _sealer?.Dispose();
        _opener?.Dispose();
        _opened?.Dispose();
    }

    private static MessageHeader WithCredit(in MessageHeader header, ulong released)
    {
        MessageHeader copy = header;
        copy.Credit = (ushort)released;
        return copy;
    }

    private int SlotOf(ulong message) => (int)(message & (ulong)(SlotCount - 1));

    private bool HasCredit()
    {
        if (_sent - _releasedByPeer.Released >= (ulong)SlotCount && CreditLine.TryTake(_buffers.Credit, (uint)_transport.Context.Epoch, ref _creditNumberTaken, out ulong released))
        {
            _releasedByPeer.TakeLine(released);
            IsCreditPossible();
        }

        bool free = _sent - _releasedByPeer.Released < (ulong)SlotCount && _sent - _sentCompleted < (ulong)SlotCount && _posted - _postedCompleted < (uint)_sendDepth;
        if (!free)
        {
            _transport.WaitsForCredit = true; // a credit line wakes nobody
        }

        return !FailIfBroken() && free;
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

    private void PrepareHeader(MessageHeader* at, in MessageHeader header)
    {
        if (_sealer is not null)
        {
            *at = header; // the peer opens it when it comes to it, and may need the credit before that
            return;
        }

        *at = WithCredit(header, _released);
        _releasedTold = _released;
    }

    private ulong NextId(WorkKind kind) => new WorkRequestId(kind, _index, _posted + 1).Value;

    private void Post(ref SendRequest request, int slot)
    {
        if (!_transport.Gate.TryEnter())
        {
            return; // fenced
        }

        request.SetRemote(_remote.FirstMessageAddress + _buffers.OffsetOf(slot), _remote.RemoteKey);
        request.Immediate = new Immediate(_sent, piece: 0, path: 0, _transport.Context.Epoch).Value;
        Memory.MemoryOrder.Publish();
        int error = _lease.PostSend(_message, out _);
        if (error == 0)
        {
            _posted++;
            _sent++;
        }
        else
        {
            Break(error, _lease.PostFailure(error).Message);
        }

        _transport.Gate.Leave();
    }

    private void ReturnCredit()
    {
        if (_failure is not null || _posted - _postedCompleted >= (uint)_sendDepth)
        {
            return; // the next message takes it along, or the next completion finds it due
        }

        _creditLine = CreditLine.Create(_released, (uint)_transport.Context.Epoch, ++_creditNumber);
        _credit.Clear();
        SendFlags signal = _creditNumber % CreditSignalInterval == 0 ? SendFlags.Signaled : SendFlags.None; // so that the send queue drains
        fixed (CreditLine* line = &_creditLine)
        {
            _credit.AddWrite(NextId(WorkKind.Credit), new ScatterGatherElement(line, CreditLine.ByteSize, 0), _remote.CreditAddress, _remote.RemoteKey, SendFlags.Inline | signal);
            int error = _lease.PostSend(_credit, out _);
            if (error != 0)
            {
                Break(error, _lease.PostFailure(error).Message);
                return;
            }
        }

        _posted++;
        _releasedTold = _released;
    }

    private void Break(int status, string why)
    {
        _failure ??= why;
        _failureStatus = status;
    }
}
