using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// One queue pair and its slots. Sending message m: slot m mod count is free when the receiver has released message m - count (credit) and this rank's own request for it has completed (the
/// NIC reads the slot no more). Header and payload go as one RDMA WRITE WITH IMMEDIATE into the peer's slot of the same number; the immediate takes one of the
/// empty receives that the peer has posted, of which there are always more than messages in flight. Credits come back in headers, and as a line when half the slots wait for it.
/// </summary>
internal sealed unsafe class RdmaConnection : Connection, IDisposable
{
    private const int CreditSignalInterval = 8;

    private readonly RdmaTransport _transport;
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
    private string? _failure;
    private int _failureStatus;

    public RdmaConnection(RdmaTransport transport, int index, int peer, int channel, RdmaBuffers buffers, QueuePair queuePair, int sendDepth)
        : base(peer, channel, transport.Context.SlotBytes, transport.Context.SlotCount)
    {
        _transport = transport;
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

    public void Start(in RdmaEndpoint remote) => _remote = remote;

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
        uint byteCount = MessageHeader.ByteSize + header.ByteCount;
        MessageHeader* at = PrepareHeader(slot, header);
        _message.Clear();
        SendFlags inline = byteCount <= RdmaTransport.InlineByteCount ? SendFlags.Inline : SendFlags.None;
        ref SendRequest request = ref _message.Add(NextId(WorkKind.Message), SendOpcode.WriteWithImmediate, new ScatterGatherElement(at, byteCount, _buffers.Outbound.LocalKey), SendFlags.Signaled | inline);
        Post(ref request, slot);
    }

    public override bool CanSendFrom(MemoryRegistration? registration) => registration?.Keys[TransportIndex.Rdma] is RdmaRegistration;

    public override bool TrySendFrom(in MessageHeader header, byte* source, MemoryRegistration? registration)
    {
        if (!HasCredit())
        {
            return false;
        }

        int slot = SlotOf(_sent);
        MessageHeader* at = PrepareHeader(slot, header);
        _message.Clear();
        ref SendRequest request = ref _message.Add(NextId(WorkKind.Message), SendOpcode.WriteWithImmediate, new ScatterGatherElement(at, MessageHeader.ByteSize, _buffers.Outbound.LocalKey), SendFlags.Signaled);
        _fromUser[0] = new ScatterGatherElement(at, MessageHeader.ByteSize, _buffers.Outbound.LocalKey);
        _fromUser[1] = new ScatterGatherElement(source, header.ByteCount, ((RdmaRegistration)registration!.Keys[TransportIndex.Rdma]!).LocalKey);
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
        header = *at;
        payload = (byte*)(at + 1);
        return true;
    }

    public override void Release()
    {
        _released++;
        if (_released - _releasedTold >= (ulong)_creditThreshold)
        {
            ReturnCredit();
        }
    }

    // ---- Completions, told by the transport ----

    /// <summary>A message of the peer's has arrived whole.</summary>
    public void OnArrived(Immediate immediate)
    {
        if (immediate.Sequence != ((uint)_arrived & Immediate.SequenceMask) || immediate.Epoch != (_transport.Context.Epoch & 0x3f))
        {
            Break(0, $"message {_arrived} was expected from rank {Peer} and one with the immediate 0x{immediate.Value:x8} arrived");
            return;
        }

        MessageHeader* header = _buffers.InboundHeader(SlotOf(_arrived));
        if (header->ByteCount > (uint)SlotBytes)
        {
            Break(0, $"rank {Peer} sent a message that says it has {header->ByteCount} bytes, and a slot holds {SlotBytes}");
            return;
        }

        _releasedByPeer.TakeHeader(header->Credit);
        if (_releasedByPeer.Released > _sent)
        {
            Break(0, $"rank {Peer} says that it has released {_releasedByPeer.Released} messages, and {_sent} were sent to it");
            return;
        }

        _arrived++;
        int error = _lease.PostEmptyReceives(new WorkRequestId(WorkKind.Receive, _index, 0).Value, 1, out _);
        if (error != 0)
        {
            Break(error, _lease.PostFailure(error).Message);
        }
    }

    public void OnSent(WorkRequestId id)
    {
        _postedCompleted = id.Posted;
        if (id.Kind == WorkKind.Message)
        {
            _sentCompleted++;
        }

        if (_released - _releasedTold >= (ulong)_creditThreshold)
        {
            ReturnCredit(); // the send queue was full when the credit was due
        }
    }

    /// <summary>
    /// A request failed or was flushed: the queue pair is in error. That becomes a failure of the transport only when this rank next needs the connection: a peer that has
    /// left is no failure for a rank that has all that it needs from it.
    /// </summary>
    public void OnFailed(in WorkCompletion completion)
    {
        if (_failure is null)
        {
            Break((int)completion.Status, completion.ToException("message", $"{_queuePair} to rank {Peer}").Message);
        }
    }

    /// <summary>To ERR: nothing is received or sent any more.</summary>
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

    public void Dispose()
    {
        _lease.Dispose();
        _queuePair.Dispose();
        _buffers.Dispose();
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

    private MessageHeader* PrepareHeader(int slot, in MessageHeader header)
    {
        MessageHeader* at = _buffers.OutboundHeader(slot);
        *at = WithCredit(header, _released);
        _releasedTold = _released;
        return at;
    }

    private ulong NextId(WorkKind kind) => new WorkRequestId(kind, _index, _posted + 1).Value;

    private void Post(ref SendRequest request, int slot)
    {
        request.SetRemote(_remote.FirstHeaderAddress + _buffers.OffsetOf(slot), _remote.RemoteKey);
        request.Immediate = new Immediate(_sent, piece: 0, path: 0, _transport.Context.Epoch).Value;
        Memory.MemoryOrder.Publish();
        int error = _lease.PostSend(_message, out _);
        if (error != 0)
        {
            Break(error, _lease.PostFailure(error).Message);
            return;
        }

        _posted++;
        _sent++;
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
