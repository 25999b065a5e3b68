// The objects of <infiniband/verbs.h>: what libibverbs allocates and hands out by pointer. Structs that
// end with a pthread mutex are declared up to the last member used (marked [NativePrefix]); they are only
// ever reached through pointers of the library.
using System.Runtime.InteropServices;

namespace RdmaCollectives.Verbs.Interop;

/// <summary>The struct is a prefix of the C struct: offsets must be equal, its size may be smaller.</summary>
[AttributeUsage(AttributeTargets.Struct)]
internal sealed class NativePrefixAttribute : Attribute;

internal unsafe struct _ibv_device_ops
{
    public void* _dummy1;
    public void* _dummy2;
}

internal unsafe struct ibv_device
{
    public _ibv_device_ops _ops;
    public ibv_node_type node_type;
    public ibv_transport_type transport_type;
    public fixed byte name[verbs_constants.IBV_SYSFS_NAME_MAX];
    public fixed byte dev_name[verbs_constants.IBV_SYSFS_NAME_MAX];
    public fixed byte dev_path[verbs_constants.IBV_SYSFS_PATH_MAX];
    public fixed byte ibdev_path[verbs_constants.IBV_SYSFS_PATH_MAX];
}

/// <summary>The function table of a context: the data-path verbs are inline functions in C that call through it.</summary>
internal unsafe struct ibv_context_ops
{
    public void* _compat_query_device;
    public void* _compat_query_port;
    public void* _compat_alloc_pd;
    public void* _compat_dealloc_pd;
    public void* _compat_reg_mr;
    public void* _compat_rereg_mr;
    public void* _compat_dereg_mr;
    public delegate* unmanaged<ibv_pd*, ibv_mw_type, ibv_mw*> alloc_mw;
    public void* bind_mw;
    public delegate* unmanaged<ibv_mw*, int> dealloc_mw;
    public void* _compat_create_cq;
    public delegate* unmanaged<ibv_cq*, int, ibv_wc*, int> poll_cq;
    public delegate* unmanaged<ibv_cq*, int, int> req_notify_cq;
    public void* _compat_cq_event;
    public void* _compat_resize_cq;
    public void* _compat_destroy_cq;
    public void* _compat_create_srq;
    public void* _compat_modify_srq;
    public void* _compat_query_srq;
    public void* _compat_destroy_srq;
    public void* post_srq_recv;
    public void* _compat_create_qp;
    public void* _compat_query_qp;
    public void* _compat_modify_qp;
    public void* _compat_destroy_qp;
    public delegate* unmanaged<ibv_qp*, ibv_send_wr*, ibv_send_wr**, int> post_send;
    public delegate* unmanaged<ibv_qp*, ibv_recv_wr*, ibv_recv_wr**, int> post_recv;
    public void* _compat_create_ah;
    public void* _compat_destroy_ah;
    public void* _compat_attach_mcast;
    public void* _compat_detach_mcast;
    public void* _compat_async_event;
}

[NativePrefix]
internal unsafe struct ibv_context
{
    public ibv_device* device;
    public ibv_context_ops ops;
    public int cmd_fd;
    public int async_fd;
    public int num_comp_vectors;
}

internal unsafe struct ibv_pd
{
    public ibv_context* context;
    public uint handle;
}

internal unsafe struct ibv_mr
{
    public ibv_context* context;
    public ibv_pd* pd;
    public void* addr;
    public nuint length;
    public uint handle;
    public uint lkey;
    public uint rkey;
}

internal unsafe struct ibv_mw
{
    public ibv_context* context;
    public ibv_pd* pd;
    public uint rkey;
    public uint handle;
    public ibv_mw_type type;
}

internal unsafe struct ibv_comp_channel
{
    public ibv_context* context;
    public int fd;
    public int refcnt;
}

[NativePrefix]
internal unsafe struct ibv_cq
{
    public ibv_context* context;
    public ibv_comp_channel* channel;
    public void* cq_context;
    public uint handle;
    public int cqe;
}

[NativePrefix]
internal unsafe struct ibv_qp
{
    public ibv_context* context;
    public void* qp_context;
    public ibv_pd* pd;
    public ibv_cq* send_cq;
    public ibv_cq* recv_cq;
    public void* srq;
    public uint handle;
    public uint qp_num;
    public ibv_qp_state state;
    public ibv_qp_type qp_type;
}

/// <summary>The union <c>element</c> of <see cref="ibv_async_event"/>.</summary>
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct ibv_async_event_element
{
    [FieldOffset(0)] public ibv_cq* cq;
    [FieldOffset(0)] public ibv_qp* qp;
    [FieldOffset(0)] public void* srq;
    [FieldOffset(0)] public void* wq;
    [FieldOffset(0)] public int port_num;
}

internal struct ibv_async_event
{
    public ibv_async_event_element element;
    public ibv_event_type event_type;
}
