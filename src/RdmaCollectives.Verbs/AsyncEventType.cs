using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>What happened to a device outside of any request. A newer driver may send values that are not listed here; they print as numbers.</summary>
public enum AsyncEventType
{
    /// <summary>A completion queue ran over or failed.</summary>
    CompletionQueueError = ibv_event_type.IBV_EVENT_CQ_ERR,

    /// <summary>A queue pair failed and is in state ERR.</summary>
    QueuePairFatal = ibv_event_type.IBV_EVENT_QP_FATAL,

    /// <summary>A peer sent an invalid request; the queue pair is in state ERR.</summary>
    QueuePairRequestError = ibv_event_type.IBV_EVENT_QP_REQ_ERR,

    /// <summary>A peer asked for memory that it may not touch; the queue pair is in state ERR.</summary>
    QueuePairAccessError = ibv_event_type.IBV_EVENT_QP_ACCESS_ERR,

    /// <summary>The first message arrived on a queue pair in state RTR.</summary>
    CommunicationEstablished = ibv_event_type.IBV_EVENT_COMM_EST,

    /// <summary>A send queue is drained.</summary>
    SendQueueDrained = ibv_event_type.IBV_EVENT_SQ_DRAINED,

    /// <summary>A connection moved to its alternate path.</summary>
    PathMigrated = ibv_event_type.IBV_EVENT_PATH_MIG,

    /// <summary>A connection could not move to its alternate path.</summary>
    PathMigrationError = ibv_event_type.IBV_EVENT_PATH_MIG_ERR,

    /// <summary>The device failed; close it.</summary>
    DeviceFatal = ibv_event_type.IBV_EVENT_DEVICE_FATAL,

    /// <summary>A port became active.</summary>
    PortActive = ibv_event_type.IBV_EVENT_PORT_ACTIVE,

    /// <summary>A port went down.</summary>
    PortError = ibv_event_type.IBV_EVENT_PORT_ERR,

    /// <summary>A port's LID changed.</summary>
    LocalIdentifierChanged = ibv_event_type.IBV_EVENT_LID_CHANGE,

    /// <summary>A port's partition key table changed.</summary>
    PartitionKeysChanged = ibv_event_type.IBV_EVENT_PKEY_CHANGE,

    /// <summary>The subnet manager changed.</summary>
    SubnetManagerChanged = ibv_event_type.IBV_EVENT_SM_CHANGE,

    /// <summary>A shared receive queue failed.</summary>
    SharedReceiveQueueError = ibv_event_type.IBV_EVENT_SRQ_ERR,

    /// <summary>A shared receive queue fell below its limit.</summary>
    SharedReceiveQueueLimitReached = ibv_event_type.IBV_EVENT_SRQ_LIMIT_REACHED,

    /// <summary>A queue pair in state ERR will take no more from its shared receive queue.</summary>
    LastReceiveReached = ibv_event_type.IBV_EVENT_QP_LAST_WQE_REACHED,

    /// <summary>The subnet manager asks clients to register again.</summary>
    ClientReregister = ibv_event_type.IBV_EVENT_CLIENT_REREGISTER,

    /// <summary>A port's GID table changed: an address came or went.</summary>
    GidsChanged = ibv_event_type.IBV_EVENT_GID_CHANGE,

    /// <summary>A work queue failed.</summary>
    WorkQueueFatal = ibv_event_type.IBV_EVENT_WQ_FATAL,
}
