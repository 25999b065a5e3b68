using RdmaCollectives.Verbs.ConnectionManagement;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>
/// A reliable-connected queue pair: one end of a connection between two programs. It goes RESET -> INIT (<see cref="Initialize"/>; from here on receives can be
/// posted) -> RTR -> RTS (<see cref="Connect"/>), and from any state to ERR (<see cref="MoveToError"/>) and back to RESET. Requests are posted through a
/// <see cref="Lease"/>. Members that change the state are not for several threads at a time.
/// </summary>
public sealed unsafe class QueuePair : IDisposable
{
    private readonly QueuePairHandle _handle;

    internal QueuePair(ProtectionDomain domain, QueuePairOptions options, RdmaConnection? connection = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        Context = domain.Context;
        // The handle leases domain and queues before their pointers are read.
        _handle = new QueuePairHandle(domain.Handle, options.SendQueue.Handle, options.ReceiveQueue.Handle, connection?.Handle);
        ibv_qp_init_attr request = new()
        {
            send_cq = options.SendQueue.Handle.Native,
            recv_cq = options.ReceiveQueue.Handle.Native,
            cap = new ibv_qp_cap
            {
                max_send_wr = checked((uint)options.MaxSendRequests),
                max_recv_wr = checked((uint)options.MaxReceiveRequests),
                max_send_sge = checked((uint)options.MaxSendElements),
                max_recv_sge = checked((uint)options.MaxReceiveElements),
                max_inline_data = checked((uint)options.MaxInlineByteCount),
            },
            qp_type = ibv_qp_type.IBV_QPT_RC,
            sq_sig_all = options.SignalsAll ? 1 : 0,
        };
        ibv_qp* created = connection is null ? libibverbs.ibv_create_qp(domain.Handle, &request) : connection.CreateNative(domain.Handle, &request);
        Handle.Adopt(created, connection is null ? "ibv_create_qp" : "rdma_create_qp", domain, error => CreationRemedy(error, options));
        Number = created->qp_num;
        // The driver writes back what it granted.
        MaxSendRequests = (int)request.cap.max_send_wr;
        MaxReceiveRequests = (int)request.cap.max_recv_wr;
        MaxInlineByteCount = (int)request.cap.max_inline_data;
    }

    /// <summary>The device.</summary>
    public DeviceContext Context { get; }

    /// <summary>Its number, 24 bits, by which the peer names it.</summary>
    public uint Number { get; }

    /// <summary>Most send requests under way; at least what was asked for.</summary>
    public int MaxSendRequests { get; }

    /// <summary>Most receives posted; at least what was asked for.</summary>
    public int MaxReceiveRequests { get; }

    /// <summary>The bytes that can be sent inline; at least what was asked for.</summary>
    public int MaxInlineByteCount { get; }

    internal QueuePairHandle Handle => _handle.IsDisposed ? throw new ObjectDisposedException(ToString()) : _handle;

    /// <summary>Holds the queue pair for a data path: references are counted once here, not at every post.</summary>
    public QueuePairLease Lease() => new(this);

    /// <summary>Changes state and attributes. RESET and ERR can be reached from everywhere; else the ways are RESET, INIT, RTR, RTS, and between RTS and SQD.</summary>
    /// <exception cref="InvalidOperationException">It is not a legal transition; the message names those that are.</exception>
    /// <exception cref="ArgumentException">An attribute is missing, or not taken by this transition; the message names it.</exception>
    /// <exception cref="VerbsException">The driver refused.</exception>
    public void Modify(QueuePairAttributes attributes)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        QueuePairState from = LastState();
        QueuePairTransitions.Check(from, attributes, ToString());
        ibv_qp_attr native = attributes.ToNative();
        int error = libibverbs.ibv_modify_qp(Handle, &native, (int)attributes.Mask);
        if (error != 0)
            throw ModifyFailure(from, attributes, error);
    }

    /// <summary>RESET to INIT. Receives can be posted from here on, before the peer can send.</summary>
    /// <param name="access">What the peer may do.</param>
    /// <param name="port">The local port, from 1.</param>
    /// <param name="partitionKeyIndex">The index into the port's partition key table.</param>
    public void Initialize(MemoryAccess access, int port = 1, int partitionKeyIndex = 0) => Modify(new QueuePairAttributes
    {
        State = QueuePairState.Initialized,
        Access = access & ~MemoryAccess.RelaxedOrdering,
        Port = checked((byte)port),
        PartitionKeyIndex = checked((ushort)partitionKeyIndex),
    });

    /// <summary>INIT to RTR to RTS: connects it with <paramref name="remote"/>, which does the same with this one's address.</summary>
    public void Connect(QueuePairAddress remote, QueuePairConnectOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AddressVector way = options.GidIndex is { } index
            ? AddressVector.Roce(options.Port, index, remote.Gid, options.HopLimit, options.TrafficClass, options.ServiceLevel)
            : AddressVector.InfiniBand(options.Port, remote.LocalIdentifier, options.ServiceLevel);
        // An InfiniBand port with a global route needs the LID as well; on Ethernet it is 0.
        way = way with { DestinationLocalIdentifier = remote.LocalIdentifier, FlowLabel = options.FlowLabel };
        Modify(new QueuePairAttributes
        {
            State = QueuePairState.ReadyToReceive,
            AddressVector = way,
            PathMtu = options.PathMtu,
            DestinationQueuePairNumber = remote.QueuePairNumber,
            ReceiveSequenceNumber = remote.SequenceNumber,
            MaxReadsAsTarget = options.MaxReads,
            MinReceiverNotReadyTimer = options.MinReceiverNotReadyTimer,
        });
        Modify(new QueuePairAttributes
        {
            State = QueuePairState.ReadyToSend,
            SendSequenceNumber = options.SequenceNumber,
            Timeout = options.Timeout,
            RetryCount = options.RetryCount,
            ReceiverNotReadyRetryCount = options.ReceiverNotReadyRetryCount,
            MaxReadsAsInitiator = options.MaxReads,
        });
    }

    /// <summary>To ERR, from any state: what is queued completes as <see cref="CompletionStatus.Flushed"/>, and nothing arrives any more once this returns.</summary>
    public void MoveToError() => Modify(new QueuePairAttributes { State = QueuePairState.Error });

    /// <summary>To RESET, from any state: what is queued vanishes without completions.</summary>
    public void MoveToReset() => Modify(new QueuePairAttributes { State = QueuePairState.Reset });

    /// <summary>Asks the driver for the state: a queue pair goes to ERR by itself when a request fails.</summary>
    public QueuePairState QueryState()
    {
        ibv_qp_attr attributes;
        ibv_qp_init_attr ignored;
        NativeResult.ThrowIfErrno(libibverbs.ibv_query_qp(Handle, &attributes, (int)ibv_qp_attr_mask.IBV_QP_STATE, &ignored), "ibv_query_qp", this);
        return (QueuePairState)attributes.qp_state;
    }

    /// <summary>Gives it up; it is destroyed when the last <see cref="Lease"/> has ended.</summary>
    public void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"queue pair {Number} of {Context}";

    /// <summary>The state that was set last, by this class or by librdmacm; the library keeps it.</summary>
    private QueuePairState LastState()
    {
        bool isHeld = false;
        try
        {
            Handle.DangerousAddRef(ref isHeld);
            return (QueuePairState)Handle.Native->state;
        }
        finally
        {
            if (isHeld)
                Handle.DangerousRelease();
        }
    }

    private VerbsException ModifyFailure(QueuePairState from, QueuePairAttributes attributes, int error)
    {
        string call = $"ibv_modify_qp({QueuePairTransitions.Code(from)} -> {QueuePairTransitions.Code(attributes.State ?? from)})";
        QueuePairState actual = QueryState();
        string? remedy = actual != from ? $"It has gone to {QueuePairTransitions.Code(actual)} by itself: look at its completions and asynchronous events."
            : attributes.AddressVector is { } way ? $"Check the way ({way}): that the port is active, that the GID index is set and of the peer's kind, and that the peer's address is reachable (ip route get)."
            : error == libc.EINVAL ? "An attribute is outside of what the device can do: port, partition key index, reads under way, or access flags."
            : null;
        return VerbsException.FromErrno(call, this, error, remedy);
    }

    private string? CreationRemedy(int error, QueuePairOptions options)
    {
        if (error is not (libc.EINVAL or libc.ENOMEM))
            return null;
        DeviceAttributes device = Context.QueryDevice();
        return $"Asked for {options.MaxSendRequests} sends, {options.MaxReceiveRequests} receives, {options.MaxSendElements} and {options.MaxReceiveElements} elements, " +
            $"{options.MaxInlineByteCount} bytes inline; the device has at most {device.MaxRequestsPerQueuePair} requests, {device.MaxElementsPerRequest} elements, " +
            $"{device.MaxQueuePairs} queue pairs (`rdma resource show qp` lists those in use), and a limit on inline bytes that it does not tell. {(error == libc.ENOMEM ? LockedMemory.LimitInWords() : "")}";
    }
}
