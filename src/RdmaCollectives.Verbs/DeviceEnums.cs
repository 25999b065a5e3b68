using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>The kind of node that a device is.</summary>
public enum NodeType
{
    /// <summary>Not known to this version.</summary>
    Unknown = ibv_node_type.IBV_NODE_UNKNOWN,

    /// <summary>A channel adapter: InfiniBand or RoCE.</summary>
    ChannelAdapter = ibv_node_type.IBV_NODE_CA,

    /// <summary>An InfiniBand switch.</summary>
    Switch = ibv_node_type.IBV_NODE_SWITCH,

    /// <summary>An InfiniBand router.</summary>
    Router = ibv_node_type.IBV_NODE_ROUTER,

    /// <summary>An iWARP network interface.</summary>
    RdmaNic = ibv_node_type.IBV_NODE_RNIC,

    /// <summary>usNIC.</summary>
    UsNic = ibv_node_type.IBV_NODE_USNIC,

    /// <summary>usNIC over UDP.</summary>
    UsNicUdp = ibv_node_type.IBV_NODE_USNIC_UDP,

    /// <summary>A device without a transport of its own kind.</summary>
    Unspecified = ibv_node_type.IBV_NODE_UNSPECIFIED,
}

/// <summary>The transport that a device speaks.</summary>
public enum TransportType
{
    /// <summary>Not known to this version.</summary>
    Unknown = ibv_transport_type.IBV_TRANSPORT_UNKNOWN,

    /// <summary>InfiniBand's transport, over InfiniBand or over Ethernet (RoCE).</summary>
    InfiniBand = ibv_transport_type.IBV_TRANSPORT_IB,

    /// <summary>iWARP, RDMA over TCP. Its queue pairs are connected by <see cref="ConnectionManagement.RdmaConnection"/> only.</summary>
    Iwarp = ibv_transport_type.IBV_TRANSPORT_IWARP,

    /// <summary>usNIC.</summary>
    UsNic = ibv_transport_type.IBV_TRANSPORT_USNIC,

    /// <summary>usNIC over UDP.</summary>
    UsNicUdp = ibv_transport_type.IBV_TRANSPORT_USNIC_UDP,

    /// <summary>Not specified, for instance EFA.</summary>
    Unspecified = ibv_transport_type.IBV_TRANSPORT_UNSPECIFIED,
}

/// <summary>The link that a port is attached to.</summary>
public enum LinkLayer
{
    /// <summary>Old drivers do not say; it means InfiniBand.</summary>
    Unspecified = verbs_constants.IBV_LINK_LAYER_UNSPECIFIED,

    /// <summary>InfiniBand: ports have a LID.</summary>
    InfiniBand = verbs_constants.IBV_LINK_LAYER_INFINIBAND,

    /// <summary>Ethernet: RoCE or iWARP; addresses are GIDs.</summary>
    Ethernet = verbs_constants.IBV_LINK_LAYER_ETHERNET,
}

/// <summary>The logical state of a port.</summary>
public enum PortState
{
    /// <summary>No change (only in requests of management software).</summary>
    NoChange = ibv_port_state.IBV_PORT_NOP,

    /// <summary>The link is down.</summary>
    Down = ibv_port_state.IBV_PORT_DOWN,

    /// <summary>The link is up, the subnet manager has not configured it yet.</summary>
    Initialize = ibv_port_state.IBV_PORT_INIT,

    /// <summary>Configured, not active yet.</summary>
    Armed = ibv_port_state.IBV_PORT_ARMED,

    /// <summary>Traffic flows.</summary>
    Active = ibv_port_state.IBV_PORT_ACTIVE,

    /// <summary>Active, and just recovering from a link error.</summary>
    ActiveDeferred = ibv_port_state.IBV_PORT_ACTIVE_DEFER,
}

/// <summary>The largest payload of one packet.</summary>
public enum PathMtu
{
    /// <summary>256 bytes.</summary>
    Bytes256 = ibv_mtu.IBV_MTU_256,

    /// <summary>512 bytes.</summary>
    Bytes512 = ibv_mtu.IBV_MTU_512,

    /// <summary>1024 bytes: what a RoCE port on a 1500-byte Ethernet gets.</summary>
    Bytes1024 = ibv_mtu.IBV_MTU_1024,

    /// <summary>2048 bytes.</summary>
    Bytes2048 = ibv_mtu.IBV_MTU_2048,

    /// <summary>4096 bytes: needs an Ethernet MTU of 4200 or more.</summary>
    Bytes4096 = ibv_mtu.IBV_MTU_4096,
}

/// <summary>How far atomic operations of a device are atomic.</summary>
public enum AtomicCapability
{
    /// <summary>Not supported.</summary>
    None = ibv_atomic_cap.IBV_ATOMIC_NONE,

    /// <summary>Among the operations of this device.</summary>
    Device = ibv_atomic_cap.IBV_ATOMIC_HCA,

    /// <summary>Also against the host's processors and other devices.</summary>
    Global = ibv_atomic_cap.IBV_ATOMIC_GLOB,
}
