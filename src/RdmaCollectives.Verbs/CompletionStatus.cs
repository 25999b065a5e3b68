using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>How a work request ended. A newer driver may send values that are not listed here; they print as numbers.</summary>
public enum CompletionStatus
{
    /// <summary>It was carried out.</summary>
    Success = ibv_wc_status.IBV_WC_SUCCESS,

    /// <summary>A message did not fit its receive buffer, or a request is longer than the port's largest message.</summary>
    LocalLengthError = ibv_wc_status.IBV_WC_LOC_LEN_ERR,

    /// <summary>The queue pair could not carry out the request: its address, state or request is inconsistent.</summary>
    LocalQueuePairOperationError = ibv_wc_status.IBV_WC_LOC_QP_OP_ERR,

    /// <summary>The end-to-end context could not carry out the request (reliable datagrams only).</summary>
    LocalEndToEndContextOperationError = ibv_wc_status.IBV_WC_LOC_EEC_OP_ERR,

    /// <summary>A local buffer does not lie in the memory region of its lkey, or the region lacks the access.</summary>
    LocalProtectionError = ibv_wc_status.IBV_WC_LOC_PROT_ERR,

    /// <summary>The request was still queued when its queue pair went to the error state.</summary>
    Flushed = ibv_wc_status.IBV_WC_WR_FLUSH_ERR,

    /// <summary>A memory window could not be bound.</summary>
    MemoryWindowBindError = ibv_wc_status.IBV_WC_MW_BIND_ERR,

    /// <summary>The peer answered with an unexpected transport opcode.</summary>
    BadResponse = ibv_wc_status.IBV_WC_BAD_RESP_ERR,

    /// <summary>A local buffer of an incoming write with immediate or atomic result may not be accessed.</summary>
    LocalAccessError = ibv_wc_status.IBV_WC_LOC_ACCESS_ERR,

    /// <summary>The peer refused the request as invalid: too long for its receive, or not supported there.</summary>
    RemoteInvalidRequest = ibv_wc_status.IBV_WC_REM_INV_REQ_ERR,

    /// <summary>The rkey, address or access does not fit the peer's registered memory.</summary>
    RemoteAccessError = ibv_wc_status.IBV_WC_REM_ACCESS_ERR,

    /// <summary>The peer could not carry out the request.</summary>
    RemoteOperationError = ibv_wc_status.IBV_WC_REM_OP_ERR,

    /// <summary>The peer did not acknowledge after all retries.</summary>
    RetryExceeded = ibv_wc_status.IBV_WC_RETRY_EXC_ERR,

    /// <summary>The peer had no receive posted, after all receiver-not-ready retries.</summary>
    ReceiverNotReadyRetryExceeded = ibv_wc_status.IBV_WC_RNR_RETRY_EXC_ERR,

    /// <summary>Reliable-datagram domain violation (reliable datagrams only).</summary>
    LocalDomainViolation = ibv_wc_status.IBV_WC_LOC_RDD_VIOL_ERR,

    /// <summary>Invalid read request at the peer (reliable datagrams only).</summary>
    RemoteInvalidReadRequest = ibv_wc_status.IBV_WC_REM_INV_RD_REQ_ERR,

    /// <summary>The peer aborted the operation.</summary>
    RemoteAborted = ibv_wc_status.IBV_WC_REM_ABORT_ERR,

    /// <summary>Invalid end-to-end context number (reliable datagrams only).</summary>
    InvalidEndToEndContextNumber = ibv_wc_status.IBV_WC_INV_EECN_ERR,

    /// <summary>Invalid end-to-end context state (reliable datagrams only).</summary>
    InvalidEndToEndContextState = ibv_wc_status.IBV_WC_INV_EEC_STATE_ERR,

    /// <summary>The device failed.</summary>
    Fatal = ibv_wc_status.IBV_WC_FATAL_ERR,

    /// <summary>The peer did not respond in time.</summary>
    ResponseTimeout = ibv_wc_status.IBV_WC_RESP_TIMEOUT_ERR,

    /// <summary>Any other failure.</summary>
    GeneralError = ibv_wc_status.IBV_WC_GENERAL_ERR,

    /// <summary>Tag matching failed.</summary>
    TagMatchingError = ibv_wc_status.IBV_WC_TM_ERR,

    /// <summary>A tag-matching rendezvous was not finished by the device.</summary>
    TagMatchingRendezvousIncomplete = ibv_wc_status.IBV_WC_TM_RNDV_INCOMPLETE,
}
