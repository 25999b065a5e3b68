using RdmaCollectives.Verbs.Interop;
using static RdmaCollectives.Verbs.Interop.ibv_qp_attr_mask;

namespace RdmaCollectives.Verbs;

/// <summary>What <see cref="QueuePair.Modify"/> changes: the members that are set, and no others.</summary>
public sealed record QueuePairAttributes
{
    /// <summary>The state to go to.</summary>
    public QueuePairState? State { get; init; }

    /// <summary>The state that the queue pair is assumed to be in.</summary>
    public QueuePairState? CurrentState { get; init; }

    /// <summary>The index into the port's partition key table; 0 is usually the default partition.</summary>
    public ushort? PartitionKeyIndex { get; init; }

    /// <summary>The local port, from 1.</summary>
    public byte? Port { get; init; }

    /// <summary>What the peer may do through this queue pair.</summary>
    public MemoryAccess? Access { get; init; }

    /// <summary>The way to the peer.</summary>
    public AddressVector? AddressVector { get; init; }

    /// <summary>The largest payload of a packet on that way; equal at both ends.</summary>
    public PathMtu? PathMtu { get; init; }

    /// <summary>The peer's queue pair.</summary>
    public uint? DestinationQueuePairNumber { get; init; }

    /// <summary>The sequence number of the first packet from the peer, 24 bits: the peer's <see cref="SendSequenceNumber"/>.</summary>
    public uint? ReceiveSequenceNumber { get; init; }

    /// <summary>The sequence number of the first packet to the peer, 24 bits.</summary>
    public uint? SendSequenceNumber { get; init; }

    /// <summary>Reads and atomics of the peer that are served at a time (<c>max_dest_rd_atomic</c>).</summary>
    public byte? MaxReadsAsTarget { get; init; }

    /// <summary>Own reads and atomics that may be under way (<c>max_rd_atomic</c>); at most what the peer serves.</summary>
    public byte? MaxReadsAsInitiator { get; init; }

    /// <summary>How long a peer waits that found no receive here: a code from 0 (655 ms) and 1 (0.01 ms) to 31 (491 ms); 12 is 0.64 ms.</summary>
    public byte? MinReceiverNotReadyTimer { get; init; }

    /// <summary>How long to wait for an acknowledgement: 4.096 us times 2 to this power; 0 waits for ever, 14 is 67 ms.</summary>
    public byte? Timeout { get; init; }

    /// <summary>How often to send again without an acknowledgement, 0 to 7. Soft-RoCE takes 7 as without end.</summary>
    public byte? RetryCount { get; init; }

    /// <summary>How often to send again when the peer has no receive posted, 0 to 6; 7 is without end.</summary>
    public byte? ReceiverNotReadyRetryCount { get; init; }

    /// <summary>Whether an asynchronous event tells that the send queue is drained (when going to SQD).</summary>
    public bool? NotifiesDrained { get; init; }

    /// <summary>The members that are set, as the driver wants to know them.</summary>
    internal ibv_qp_attr_mask Mask
    {
        get
        {
            ibv_qp_attr_mask mask = default;
            void Add(bool isSet, ibv_qp_attr_mask flag) => mask |= isSet ? flag : default;
            Add(State.HasValue, IBV_QP_STATE);
            Add(CurrentState.HasValue, IBV_QP_CUR_STATE);
            Add(PartitionKeyIndex.HasValue, IBV_QP_PKEY_INDEX);
            Add(Port.HasValue, IBV_QP_PORT);
            Add(Access.HasValue, IBV_QP_ACCESS_FLAGS);
            Add(AddressVector.HasValue, IBV_QP_AV);
            Add(PathMtu.HasValue, IBV_QP_PATH_MTU);
            Add(DestinationQueuePairNumber.HasValue, IBV_QP_DEST_QPN);
            Add(ReceiveSequenceNumber.HasValue, IBV_QP_RQ_PSN);
            Add(SendSequenceNumber.HasValue, IBV_QP_SQ_PSN);
            Add(MaxReadsAsTarget.HasValue, IBV_QP_MAX_DEST_RD_ATOMIC);
            Add(MaxReadsAsInitiator.HasValue, IBV_QP_MAX_QP_RD_ATOMIC);
            Add(MinReceiverNotReadyTimer.HasValue, IBV_QP_MIN_RNR_TIMER);
            Add(Timeout.HasValue, IBV_QP_TIMEOUT);
            Add(RetryCount.HasValue, IBV_QP_RETRY_CNT);
            Add(ReceiverNotReadyRetryCount.HasValue, IBV_QP_RNR_RETRY);
            Add(NotifiesDrained.HasValue, IBV_QP_EN_SQD_ASYNC_NOTIFY);
            return mask;
        }
    }

    internal ibv_qp_attr ToNative() => new()
    {
        qp_state = (ibv_qp_state)State.GetValueOrDefault(),
        cur_qp_state = (ibv_qp_state)CurrentState.GetValueOrDefault(),
        path_mtu = (ibv_mtu)PathMtu.GetValueOrDefault(),
        rq_psn = ReceiveSequenceNumber.GetValueOrDefault(),
        sq_psn = SendSequenceNumber.GetValueOrDefault(),
        dest_qp_num = DestinationQueuePairNumber.GetValueOrDefault(),
        qp_access_flags = (uint)Access.GetValueOrDefault(),
        ah_attr = AddressVector.GetValueOrDefault().ToNative(),
        pkey_index = PartitionKeyIndex.GetValueOrDefault(),
        en_sqd_async_notify = NotifiesDrained.GetValueOrDefault() ? (byte)1 : (byte)0,
        max_rd_atomic = MaxReadsAsInitiator.GetValueOrDefault(),
        max_dest_rd_atomic = MaxReadsAsTarget.GetValueOrDefault(),
        min_rnr_timer = MinReceiverNotReadyTimer.GetValueOrDefault(),
        port_num = Port.GetValueOrDefault(),
        timeout = Timeout.GetValueOrDefault(),
        retry_cnt = RetryCount.GetValueOrDefault(),
        rnr_retry = ReceiverNotReadyRetryCount.GetValueOrDefault(),
    };
}
