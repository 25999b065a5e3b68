// <rdma/rdma_cma.h>: structs, enumerations and functions of librdmacm that are used here.
using System.Runtime.InteropServices;

namespace RdmaCollectives.Verbs.Interop;

internal enum rdma_cm_event_type
{
    RDMA_CM_EVENT_ADDR_RESOLVED,
    RDMA_CM_EVENT_ADDR_ERROR,
    RDMA_CM_EVENT_ROUTE_RESOLVED,
    RDMA_CM_EVENT_ROUTE_ERROR,
    RDMA_CM_EVENT_CONNECT_REQUEST,
    RDMA_CM_EVENT_CONNECT_RESPONSE,
    RDMA_CM_EVENT_CONNECT_ERROR,
    RDMA_CM_EVENT_UNREACHABLE,
    RDMA_CM_EVENT_REJECTED,
    RDMA_CM_EVENT_ESTABLISHED,
    RDMA_CM_EVENT_DISCONNECTED,
    RDMA_CM_EVENT_DEVICE_REMOVAL,
    RDMA_CM_EVENT_MULTICAST_JOIN,
    RDMA_CM_EVENT_MULTICAST_ERROR,
    RDMA_CM_EVENT_ADDR_CHANGE,
    RDMA_CM_EVENT_TIMEWAIT_EXIT,
}

internal enum rdma_port_space
{
    RDMA_PS_IPOIB = 0x0002,
    RDMA_PS_TCP = 0x0106,
    RDMA_PS_UDP = 0x0111,
    RDMA_PS_IB = 0x013F,
}

internal unsafe struct sockaddr_storage
{
    public ushort ss_family;
    public fixed byte __ss_padding[118];
    public ulong __ss_align;
}

internal struct rdma_ib_addr
{
    public ibv_gid sgid;
    public ibv_gid dgid;
    public ushort pkey;
}

internal struct rdma_addr
{
    public sockaddr_storage src_storage;
    public sockaddr_storage dst_storage;
    public rdma_ib_addr addr;
}

internal unsafe struct rdma_route
{
    public rdma_addr addr;
    public void* path_rec;
    public int num_paths;
}

internal struct rdma_event_channel
{
    public int fd;
}

internal unsafe struct rdma_cm_id
{
    public ibv_context* verbs;
    public rdma_event_channel* channel;
    public void* context;
    public ibv_qp* qp;
    public rdma_route route;
    public rdma_port_space ps;
    public byte port_num;
    public rdma_cm_event* @event;
    public ibv_comp_channel* send_cq_channel;
    public ibv_cq* send_cq;
    public ibv_comp_channel* recv_cq_channel;
    public ibv_cq* recv_cq;
    public void* srq;
    public ibv_pd* pd;
    public ibv_qp_type qp_type;
}

internal unsafe struct rdma_conn_param
{
    public void* private_data;
    public byte private_data_len;
    public byte responder_resources;
    public byte initiator_depth;
    public byte flow_control;
    public byte retry_count;
    public byte rnr_retry_count;
    public byte srq;
    public uint qp_num;
}

internal unsafe struct rdma_ud_param
{
    public void* private_data;
    public byte private_data_len;
    public ibv_ah_attr ah_attr;
    public uint qp_num;
    public uint qkey;
}

/// <summary>The union <c>param</c> of <see cref="rdma_cm_event"/>.</summary>
[StructLayout(LayoutKind.Explicit)]
internal struct rdma_cm_event_param
{
    [FieldOffset(0)] public rdma_conn_param conn;
    [FieldOffset(0)] public rdma_ud_param ud;
}

internal unsafe struct rdma_cm_event
{
    public rdma_cm_id* id;
    public rdma_cm_id* listen_id;
    public rdma_cm_event_type @event;
    public int status;
    public rdma_cm_event_param param;
}

/// <summary>The exported functions. All but the create and get calls of pointers return 0, or -1 with errno.</summary>
internal static unsafe partial class librdmacm
{
    internal const string Library = "librdmacm.so.1";

    [LibraryImport(Library, SetLastError = true)]
    internal static partial rdma_event_channel* rdma_create_event_channel();

    [LibraryImport(Library)]
    internal static partial void rdma_destroy_event_channel(rdma_event_channel* channel);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rdma_create_id(EventChannelHandle channel, rdma_cm_id** id, void* context, rdma_port_space ps);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rdma_destroy_id(rdma_cm_id* id);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rdma_migrate_id(rdma_cm_id* id, EventChannelHandle channel);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rdma_bind_addr(ConnectionHandle id, void* addr);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rdma_resolve_addr(ConnectionHandle id, void* src_addr, void* dst_addr, int timeout_ms);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rdma_resolve_route(ConnectionHandle id, int timeout_ms);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rdma_create_qp(ConnectionHandle id, ProtectionDomainHandle pd, ibv_qp_init_attr* qp_init_attr);

    [LibraryImport(Library)]
    internal static partial void rdma_destroy_qp(rdma_cm_id* id);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rdma_connect(ConnectionHandle id, rdma_conn_param* conn_param);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rdma_listen(ConnectionHandle id, int backlog);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rdma_accept(ConnectionHandle id, rdma_conn_param* conn_param);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rdma_reject(ConnectionHandle id, void* private_data, byte private_data_len);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rdma_disconnect(ConnectionHandle id);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rdma_get_cm_event(EventChannelHandle channel, rdma_cm_event** @event);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int rdma_ack_cm_event(rdma_cm_event* @event);
}
