using System.Security.Cryptography;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// One way between the two ends of a connection: a queue pair over one rail, and the keys of the connection's memory for the device. It counts what is posted and what of that has ended. A connection
/// has one at a time; a path that failed is never used again.
/// </summary>
internal sealed unsafe class RdmaPath : IDisposable
{
    /// <summary>Of so many credit lines one is signalled, so that the send queue drains.</summary>
    public const int CreditSignalInterval = 8;

    /// <summary>A write, and where the immediate goes behind it another.</summary>
    public const int RequestsPerMessage = 2;

    private readonly QueuePairLease _lease;
    private readonly QueuePair _queuePair = null!;
    private readonly RdmaBufferKeys _keys;
    private readonly int _sendDepth;
    private uint _posted;
    private uint _ended;
    private uint _receivesPosted;
    private uint _receivesEnded;
    private bool _isDestroyed;

    /// <param name="connection">Whose path it is.</param>
    /// <param name="rail">Over which.</param>
    /// <param name="number">How many the connection had before.</param>
    /// <param name="index">Its place among the transport's, by which completions name it.</param>
    /// <param name="hasWindow">Whether the peer writes through a memory window.</param>
    /// <param name="budget">What it registers counts there.</param>
    /// <exception cref="VerbsException">The device refused; nothing stays.</exception>
    /// <exception cref="CollectiveException">The budget does not allow it.</exception>
    public RdmaPath(RdmaConnection connection, RdmaRail rail, uint number, int index, bool hasWindow, RegistrationBudget budget)
    {
        Connection = connection;
        Rail = rail;
        Number = number;
        Index = index;
        _sendDepth = SendDepth(connection.SlotCount);
        int receives = ReceiveDepth(connection.SlotCount);
        _keys = new RdmaBufferKeys(rail.Domain, connection.Buffers, hasWindow, budget, connection.Peer);
        try
        {
            _queuePair = rail.Domain.CreateQueuePair(new QueuePairOptions
            {
                SendQueue = rail.Queue,
                ReceiveQueue = rail.Queue,
                MaxSendRequests = _sendDepth,
                MaxReceiveRequests = receives,
                MaxSendElements = 2, // the header from its slot, the payload from user memory
                MaxInlineByteCount = RdmaTransport.InlineByteCount,
            });
            _queuePair.Initialize(MemoryAccess.LocalWrite | MemoryAccess.RemoteWrite, rail.Port.Attributes.Port, rail.Port.PartitionKeyIndex);
            _lease = _queuePair.Lease();
            int error = PostReceives(receives);
            if (error != 0)
            {
                throw _lease.PostFailure(error);
            }
        }
        catch
        {
            _lease?.Dispose();
            _queuePair?.Dispose();
            _keys.Dispose();
            throw;
        }
    }

    public RdmaConnection Connection { get; }

    public RdmaRail Rail { get; }

    public uint Number { get; }

    public int Index { get; }

    /// <summary>Of its first packet: random, so that packets of an earlier path are not taken for this one's.</summary>
    public uint SequenceNumber { get; } = (uint)RandomNumberGenerator.GetInt32(1 << 24);

    /// <summary>How the peer reaches it.</summary>
    public RdmaEndpoint Endpoint => new(
        new QueuePairAddress(_queuePair.Number, SequenceNumber, Rail.Port.Attributes.LocalIdentifier, Rail.Port.Gid?.Gid ?? default),
        Connection.Buffers.FirstMessageAddress,
        Connection.Buffers.CreditAddress,
        _keys.RemoteKey);

    /// <summary>The other end, once connected.</summary>
    public RdmaEndpoint Remote { get; private set; }

    /// <summary>The key to what is sent from slots.</summary>
    public uint OutboundKey => _keys.Outbound.LocalKey;

    /// <summary>The send queue takes another message.</summary>
    public bool HasRoom => _posted - _ended + RequestsPerMessage <= (uint)_sendDepth;

    /// <summary>Every request that was posted has ended: the NIC reads nothing of this rank's for this path any more.</summary>
    public bool IsFlushed => _ended == _posted || _isDestroyed;

    /// <summary>So has every receive: nothing arrives by this path any more. Only once it is in error.</summary>
    public bool IsEmpty => _isDestroyed || (_ended == _posted && _receivesEnded == _receivesPosted);

    /// <summary>The peer has been let write in outputs of this rank's by this path.</summary>
    public bool MayStore { get; set; }

    /// <summary>In error, nothing goes from or into the caller's memory any more.</summary>
    public bool IsFenced => MayStore ? IsEmpty : IsFlushed;

    /// <summary>A request has failed: nothing more is posted.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Receives posted at the start: more than messages can be in flight, so that a receive is posted again before its credit is given back.</summary>
    public static int ReceiveDepth(int slotCount) => 2 * slotCount;

    /// <summary>Send requests under way: a message per slot, and the credit lines between two signalled ones.</summary>
    public static int SendDepth(int slotCount) => (RequestsPerMessage * slotCount) + (2 * CreditSignalInterval);

    /// <param name="remote">The other end.</param>
    /// <param name="options">But for the flow label.</param>
    /// <param name="flowLabel">What the options say of that.</param>
    /// <exception cref="VerbsException">The device refused.</exception>
    public void Connect(in RdmaEndpoint remote, QueuePairConnectOptions options, int flowLabel)
    {
        Remote = remote;
        _queuePair.Connect(remote.QueuePair, options with { FlowLabel = FlowLabel.Of(flowLabel, _queuePair.Number, remote.QueuePair.QueuePairNumber) });
        if (_keys.Window is { } window)
        {
            BindWindow(window);
        }
    }

    /// <summary>The id for the next request, or for one so many behind it.</summary>
    public ulong NextId(WorkKind kind, uint behind = 0) => new WorkRequestId(kind, Index, _posted + 1 + behind).Value;

    /// <summary>Posts a chain.</summary>
    /// <returns>0, or the error number.</returns>
    public int Post(SendChain chain)
    {
        int error = _lease.PostSend(chain, out int count);
        _posted += (uint)count;
        return error;
    }

    /// <returns>0, or the error number.</returns>
    public int PostReceives(int count)
    {
        int error = _lease.PostEmptyReceives(new WorkRequestId(WorkKind.Receive, Index, 0).Value, count, out _);
        if (error == 0)
        {
            _receivesPosted += (uint)count;
        }

        return error;
    }

    public VerbsException PostFailure(int error) => _lease.PostFailure(error);

    /// <summary>A request has ended, whichever way: requests of a send queue end in their order.</summary>
    public void Ended(WorkRequestId id, bool isSuccess)
    {
        HasFailed |= !isSuccess;
        if (id.Kind == WorkKind.Receive)
        {
            _receivesEnded++;
        }
        else
        {
            _ended = id.Posted;
        }
    }

    /// <summary>To ERR: nothing is received or sent any more, and what is on the queues is flushed.</summary>
    public void Fence()
    {
        HasFailed = true;
        try
        {
            _queuePair.MoveToError();
        }
        catch (VerbsException)
        {
            // The device is gone, and with it every write.
        }
    }

    /// <summary>The queue pair goes, and with it every access of the NIC. Only when nobody posts any more.</summary>
    public void Destroy()
    {
        if (!_isDestroyed)
        {
            _isDestroyed = true;
            _lease.Dispose();
            if (_keys.Window is { } window)
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
        _keys.Dispose();
    }

    /// <summary>Its number on the device.</summary>
    public uint QueuePairNumber => _queuePair.Number;

    /// <summary>Both ends, for faults.</summary>
    public override string ToString() => $"queue pair {QueuePairNumber} of {Rail.Place} to rank {Connection.Peer}" + (Remote == default ? "" : $" ({Remote.QueuePair})");

    private void BindWindow(MemoryWindow window)
    {
        var chain = new SendChain(1);
        ref SendRequest request = ref chain.Add(NextId(WorkKind.Window), SendOpcode.BindMemoryWindow, default, SendFlags.Signaled);
        request.SetBind(window, _keys.Inbound.Address, _keys.Inbound.ByteCount, MemoryAccess.RemoteWrite);
        int error = Post(chain);
        if (error != 0)
        {
            throw PostFailure(error);
        }
    }
}
