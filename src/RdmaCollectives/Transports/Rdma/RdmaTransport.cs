using System.Diagnostics;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// Verbs: a device port, a protection domain, one completion queue for all connections of the communicator, and a reliable-connected queue pair per (peer, channel).
/// </summary>
internal sealed unsafe class RdmaTransport : Transport
{
    /// <summary>Messages up to this many bytes (with their header) go inline. Devices of today grant at least as much; Soft-RoCE 512.</summary>
    public const int InlineByteCount = 64 + MessageHeader.ByteSize;

    private const int PollBatch = 16;

    /// <summary>After a call has returned the NIC may still be sending for it: how long a dispose lets it finish.</summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);

    /// <summary>How long a fence waits for the send queues to be flushed. A queue pair whose flushes do not come by then is destroyed, which waits for the adapter.</summary>
    private static readonly TimeSpan FlushTime = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lifetime = new();
    private readonly ProtectionDomain _domain;
    private readonly CompletionChannel _channel;
    private readonly CompletionQueue _queue;
    private readonly CompletionQueueLease _completions;
    private readonly WorkCompletion[] _batch = new WorkCompletion[PollBatch];
    private readonly PathMtu[] _mtus;
    private RdmaConnection?[] _connections = [];
    private bool _fenced;

    public RdmaTransport(TransportContext context)
        : base(context)
    {
        Port = RdmaPort.Open(context.Options);
        if (context.Options.MemoryWindows && !Port.Device.QueryDevice().HasMemoryWindows)
        {
            Port.Dispose();
            throw new CollectiveException(Error.Resource, $"{Port.Device.Name} has no memory windows of type 2: leave RDMACC_MEMORY_WINDOWS unset, or name another device (RDMACC_DEVICE).");
        }

        _mtus = new PathMtu[context.WorldSize];
        try
        {
            _domain = Port.Device.CreateProtectionDomain();
            _channel = Port.Device.CreateCompletionChannel();
            // Room for every request of every queue pair, signalled or not: a flush completes them all.
            int perConnection = RdmaConnection.SendDepth(context.SlotCount) + RdmaConnection.ReceiveDepth(context.SlotCount);
            int capacity = Math.Max(1, (context.WorldSize - 1) * context.Options.Channels * perConnection);
            _queue = Port.Device.CreateCompletionQueue(capacity, _channel);
            _completions = _queue.Lease();
        }
        catch (VerbsException error)
        {
            _queue?.Dispose();
            _channel?.Dispose();
            _domain?.Dispose();
            Port.Dispose();
            throw new CollectiveException(Error.Resource, error.Message, nativeError: error.ErrorNumber, innerException: error);
        }
    }

    public RdmaPort Port { get; }

    /// <summary>Entered for every post and for polling: closed, nobody but the fence touches a queue.</summary>
    public FenceGate Gate { get; } = new();

    /// <summary>Whether messages are sealed.</summary>
    public bool IsEncrypted => Context.Options.Encryption == EncryptionScope.All;

    public override string Name => "verbs";

    public override string Description => PortDescription + (IsEncrypted ? "; encrypted (AES-256-GCM): every message goes through a slot" : "") + (Context.Options.MemoryWindows ? "; memory windows" : "");

    private string PortDescription => Port.Gid is { } gid
        ? $"{gid}, MTU {Port.Attributes.ActiveMtu.ByteCount()}: {Port.Reason}"
        : $"{Port.Device.Name} port {Port.Attributes.Port} LID {Port.Attributes.LocalIdentifier}, MTU {Port.Attributes.ActiveMtu.ByteCount()}: {Port.Reason}";

    public override int SleepDescriptor => _channel.FileDescriptor;

    /// <summary>A connection was found without credit since the last progress: credit lines come without a completion, so a sleep must be short.</summary>
    public bool WaitsForCredit { get; set; }

    public override byte[] Describe() => RdmaDescription.Of(Port).ToBytes();

    public override string? WhyNotReachable(int peer, ReadOnlySpan<byte> description)
    {
        RdmaDescription own = RdmaDescription.Of(Port);
        if (RdmaDescription.TryRead(description) is not { } other)
        {
            return $"what rank {peer} says of its port can't be understood: run the same version on all ranks";
        }

        _mtus[peer] = (PathMtu)Math.Min((int)own.Mtu, (int)other.Mtu);
        return own.WhyNotReachable(other);
    }

    public override PendingConnection BeginConnect(int peer, int channelCount) => new RdmaPendingConnection(this, peer, channelCount);

    public override IDisposable? Register(MemoryRegistration registration)
    {
        try
        {
            return new RdmaRegistration(_domain.Register(registration.Address, registration.ByteCount, MemoryAccess.LocalWrite));
        }
        catch (VerbsException error)
        {
            throw new CollectiveException(Error.Resource, error.Message, Context.Rank, nativeError: error.ErrorNumber, innerException: error);
        }
    }

    public QueuePairConnectOptions ConnectOptions(int peer, uint sequenceNumber) => new()
    {
        Port = Port.Attributes.Port,
        GidIndex = Port.Gid?.Index,
        SequenceNumber = sequenceNumber,
        PathMtu = _mtus[peer],
        Timeout = 16, // 268 ms; six retries of it bridge a pause of two seconds, and a dead peer is told by the control plane long before
        RetryCount = 6,
        ReceiverNotReadyRetryCount = 0, // receives are posted before their credit is given: a peer that finds none has met a bug
    };

    /// <summary>A queue pair in INIT with its receives posted, and its slots.</summary>
    public (RdmaConnection Connection, QueuePair QueuePair, RdmaBuffers Buffers) CreateConnection(int peer, int channel)
    {
        var buffers = new RdmaBuffers(_domain, Context.SlotBytes, Context.SlotCount, IsEncrypted, Context.Options.MemoryWindows);
        QueuePair? queuePair = null;
        RdmaConnection? connection = null;
        try
        {
            int receives = RdmaConnection.ReceiveDepth(Context.SlotCount);
            int sends = RdmaConnection.SendDepth(Context.SlotCount);
            queuePair = _domain.CreateQueuePair(new QueuePairOptions
            {
                SendQueue = _queue,
                ReceiveQueue = _queue,
                MaxSendRequests = sends,
                MaxReceiveRequests = receives,
                MaxSendElements = 2, // the header from its slot, the payload from user memory
                MaxInlineByteCount = InlineByteCount,
            });
            queuePair.Initialize(MemoryAccess.LocalWrite | MemoryAccess.RemoteWrite, Port.Attributes.Port);
            int index = _connections.Length;
            connection = new RdmaConnection(this, index, peer, channel, buffers, queuePair, sends);
            using QueuePairLease lease = queuePair.Lease();
            int error = lease.PostEmptyReceives(new WorkRequestId(WorkKind.Receive, index, 0).Value, receives, out _);
            if (error != 0)
            {
                throw lease.PostFailure(error);
            }

            lock (_lifetime)
            {
                _connections = [.. _connections, connection]; // no completion can name it before it is connected
            }

            return (connection, queuePair, buffers);
        }
        catch
        {
            connection?.Dispose();
            queuePair?.Dispose();
            buffers.Dispose();
            throw;
        }
    }

    public void Remove(RdmaConnection connection)
    {
        lock (_lifetime)
        {
            int index = Array.IndexOf(_connections, connection);
            if (index >= 0)
            {
                _connections[index] = null;
            }
        }
    }

    public override void Progress()
    {
        WaitsForCredit = false;
        if (Gate.TryEnter())
        {
            PollAll();
            Gate.Leave();
        }
    }

    private void PollAll()
    {
        int count;
        do
        {
            try
            {
                count = _completions.Poll(_batch);
            }
            catch (VerbsException error)
            {
                Fail(error);
                return;
            }

            for (int i = 0; i < count; i++)
            {
                Dispatch(_batch[i]);
            }
        }
        while (count == PollBatch);
    }

    /// <summary>A connection that this rank needs has failed.</summary>
    public void Fail(int peer, int status, string message) => Failure ??= new TransportFailure(peer, status, message, ConnectionEnded: true);

    public override bool PrepareSleep()
    {
        try
        {
            _completions.RequestNotification();
            return !WaitsForCredit;
        }
        catch (VerbsException error)
        {
            Fail(error);
            return false;
        }
    }

    public override void EndSleep()
    {
        try
        {
            while (_channel.TryTakeEvent(out _))
            {
            }
        }
        catch (VerbsException error)
        {
            Fail(error);
        }
    }

    /// <summary>
    /// The gate is closed, so nobody posts or polls any more. Then all queue pairs go to ERR: no peer writes into this rank's memory from then on (and never could into the caller's: nobody holds a key to that).
    /// Then every request that was posted is waited for, by count: until it has ended the NIC may still read the caller's memory for it.
    /// </summary>
    public override void Fence()
    {
        lock (_lifetime)
        {
            if (_fenced)
            {
                return;
            }

            _fenced = true;
            Gate.Close();
            foreach (RdmaConnection? connection in _connections)
            {
                connection?.Fence();
            }

            AwaitFlushes();
            foreach (RdmaConnection? connection in _connections)
            {
                if (connection is { IsFlushed: false })
                {
                    connection.Destroy();
                }
            }
        }
    }

    // A marker at the end of a receive queue would never complete (rxe): only what was posted before counts.
    private void AwaitFlushes()
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            while (Array.Exists(_connections, connection => connection is { IsFlushed: false }) && Stopwatch.GetElapsedTime(start) < FlushTime)
            {
                int count = _completions.Poll(_batch);
                for (int i = 0; i < count; i++)
                {
                    var id = new WorkRequestId(_batch[i].WorkRequestId);
                    _connections[id.Connection]?.OnFlushed(id);
                }

                if (count == 0)
                {
                    Thread.Yield();
                }
            }
        }
        catch (VerbsException)
        {
            // The device is gone; the queue pairs are destroyed below.
        }
    }

    /// <summary>What returned calls have handed to the NIC must arrive before the queue pairs go.</summary>
    public override void Linger()
    {
        long start = Stopwatch.GetTimestamp();
        while (!_fenced && Failure is null && Array.Exists(_connections, connection => connection is { IsQuiet: false }) && Stopwatch.GetElapsedTime(start) < LingerTime)
        {
            Progress();
            Thread.Yield();
        }
    }

    public override void Dispose()
    {
        lock (_lifetime)
        {
            _fenced = true;
            Gate.Close();
            foreach (RdmaConnection? connection in _connections)
            {
                connection?.Dispose();
            }

            _connections = [];
        }

        _completions.Dispose();
        _queue.Dispose();
        _channel.Dispose();
        _domain.Dispose();
        Port.Dispose();
    }

    private void Fail(VerbsException error) => Failure ??= new TransportFailure(-1, error.ErrorNumber, error.Message, ConnectionEnded: false);

    private void Dispatch(in WorkCompletion completion)
    {
        var id = new WorkRequestId(completion.WorkRequestId);
        RdmaConnection? connection = _connections[id.Connection];
        if (connection is null)
        {
            return;
        }

        if (!completion.IsSuccess)
        {
            connection.OnFailed(id, completion);
        }
        else if (id.Kind == WorkKind.Receive)
        {
            connection.OnArrived(new Immediate(completion.Immediate));
        }
        else
        {
            connection.OnSent(id);
        }
    }
}
