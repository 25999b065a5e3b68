using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs.ConnectionManagement;

/// <summary>What librdmacm tells of a connection. A newer library may send values that are not listed here; they print as numbers.</summary>
public enum ConnectionEventType
{
    /// <summary>The address is resolved: device and port are known.</summary>
    AddressResolved = rdma_cm_event_type.RDMA_CM_EVENT_ADDR_RESOLVED,

    /// <summary>The address could not be resolved.</summary>
    AddressError = rdma_cm_event_type.RDMA_CM_EVENT_ADDR_ERROR,

    /// <summary>The route is resolved.</summary>
    RouteResolved = rdma_cm_event_type.RDMA_CM_EVENT_ROUTE_RESOLVED,

    /// <summary>The route could not be resolved.</summary>
    RouteError = rdma_cm_event_type.RDMA_CM_EVENT_ROUTE_ERROR,

    /// <summary>A peer asks for a connection.</summary>
    ConnectRequest = rdma_cm_event_type.RDMA_CM_EVENT_CONNECT_REQUEST,

    /// <summary>The peer answered a request whose queue pair the program manages itself.</summary>
    ConnectResponse = rdma_cm_event_type.RDMA_CM_EVENT_CONNECT_RESPONSE,

    /// <summary>Connecting failed.</summary>
    ConnectError = rdma_cm_event_type.RDMA_CM_EVENT_CONNECT_ERROR,

    /// <summary>The peer does not answer.</summary>
    Unreachable = rdma_cm_event_type.RDMA_CM_EVENT_UNREACHABLE,

    /// <summary>The peer refused, or nobody listens there.</summary>
    Rejected = rdma_cm_event_type.RDMA_CM_EVENT_REJECTED,

    /// <summary>The connection works.</summary>
    Established = rdma_cm_event_type.RDMA_CM_EVENT_ESTABLISHED,

    /// <summary>The peer, or this end, disconnected.</summary>
    Disconnected = rdma_cm_event_type.RDMA_CM_EVENT_DISCONNECTED,

    /// <summary>The device is going away: dispose everything on it.</summary>
    DeviceRemoval = rdma_cm_event_type.RDMA_CM_EVENT_DEVICE_REMOVAL,

    /// <summary>A multicast group was joined.</summary>
    MulticastJoined = rdma_cm_event_type.RDMA_CM_EVENT_MULTICAST_JOIN,

    /// <summary>A multicast group failed.</summary>
    MulticastError = rdma_cm_event_type.RDMA_CM_EVENT_MULTICAST_ERROR,

    /// <summary>The network interface's address moved to another device.</summary>
    AddressChanged = rdma_cm_event_type.RDMA_CM_EVENT_ADDR_CHANGE,

    /// <summary>The queue pair may be used again.</summary>
    TimeWaitExit = rdma_cm_event_type.RDMA_CM_EVENT_TIMEWAIT_EXIT,
}
