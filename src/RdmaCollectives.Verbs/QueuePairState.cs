using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>The states of a queue pair; the legal ways between them are in <see cref="QueuePair.Modify"/>.</summary>
public enum QueuePairState
{
    /// <summary>RESET: new. Nothing can be posted.</summary>
    Reset = ibv_qp_state.IBV_QPS_RESET,

    /// <summary>INIT: receives can be posted, nothing arrives yet.</summary>
    Initialized = ibv_qp_state.IBV_QPS_INIT,

    /// <summary>RTR, ready to receive: it knows its peer; messages arrive.</summary>
    ReadyToReceive = ibv_qp_state.IBV_QPS_RTR,

    /// <summary>RTS, ready to send: works in both directions.</summary>
    ReadyToSend = ibv_qp_state.IBV_QPS_RTS,

    /// <summary>SQD: the send queue finishes what it began and starts nothing new.</summary>
    SendQueueDrained = ibv_qp_state.IBV_QPS_SQD,

    /// <summary>SQE: the send queue failed (unreliable queue pairs only).</summary>
    SendQueueError = ibv_qp_state.IBV_QPS_SQE,

    /// <summary>ERR: all that is queued completes as flushed; nothing arrives any more.</summary>
    Error = ibv_qp_state.IBV_QPS_ERR,
}
