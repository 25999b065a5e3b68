using System.Runtime.InteropServices;

namespace RdmaCollectives.Verbs.Interop;

/// <summary>
/// The exported functions of <c>&lt;infiniband/verbs.h&gt;</c>. Set-up calls take handles, so that an object cannot vanish during a call;
/// what ends an object takes its raw pointer, and is called by the handle alone.
/// </summary>
internal static unsafe partial class libibverbs
{
    internal const string Library = "libibverbs.so.1";

    [LibraryImport(Library, SetLastError = true)]
    internal static partial ibv_device** ibv_get_device_list(int* num_devices);

    [LibraryImport(Library)]
    internal static partial void ibv_free_device_list(ibv_device** list);

    [LibraryImport(Library)]
    internal static partial ulong ibv_get_device_guid(ibv_device* device);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial ibv_context* ibv_open_device(ibv_device* device);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ibv_close_device(ibv_context* context);

    [LibraryImport(Library)]
    internal static partial int ibv_query_device(ContextHandle context, ibv_device_attr* device_attr);

    [LibraryImport(Library)]
    internal static partial int ibv_query_port(ContextHandle context, byte port_num, ibv_port_attr* port_attr);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ibv_query_gid(ContextHandle context, byte port_num, int index, ibv_gid* gid);

    /// <remarks>What the inline function ibv_query_gid_table calls. Returns the number of entries, or a negative error number.</remarks>
    [LibraryImport(Library)]
    internal static partial nint _ibv_query_gid_table(ContextHandle context, ibv_gid_entry* entries, nuint max_entries, uint flags, nuint entry_size);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ibv_query_pkey(ContextHandle context, byte port_num, int index, ushort* pkey);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial ibv_pd* ibv_alloc_pd(ContextHandle context);

    [LibraryImport(Library)]
    internal static partial int ibv_dealloc_pd(ibv_pd* pd);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial ibv_mr* ibv_reg_mr(ProtectionDomainHandle pd, void* addr, nuint length, int access);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial ibv_mr* ibv_reg_mr_iova2(ProtectionDomainHandle pd, void* addr, nuint length, ulong iova, uint access);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial ibv_mr* ibv_reg_dmabuf_mr(ProtectionDomainHandle pd, ulong offset, nuint length, ulong iova, int fd, int access);

    [LibraryImport(Library)]
    internal static partial int ibv_dereg_mr(ibv_mr* mr);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial ibv_comp_channel* ibv_create_comp_channel(ContextHandle context);

    [LibraryImport(Library)]
    internal static partial int ibv_destroy_comp_channel(ibv_comp_channel* channel);

    /// <remarks><paramref name="channel"/> may be null in C: the caller holds its handle during the call.</remarks>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial ibv_cq* ibv_create_cq(ContextHandle context, int cqe, void* cq_context, ibv_comp_channel* channel, int comp_vector);

    [LibraryImport(Library)]
    internal static partial int ibv_destroy_cq(ibv_cq* cq);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ibv_get_cq_event(CompletionChannelHandle channel, ibv_cq** cq, void** cq_context);

    [LibraryImport(Library)]
    internal static partial void ibv_ack_cq_events(ibv_cq* cq, uint nevents);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial ibv_qp* ibv_create_qp(ProtectionDomainHandle pd, ibv_qp_init_attr* qp_init_attr);

    [LibraryImport(Library)]
    internal static partial int ibv_modify_qp(QueuePairHandle qp, ibv_qp_attr* attr, int attr_mask);

    [LibraryImport(Library)]
    internal static partial int ibv_query_qp(QueuePairHandle qp, ibv_qp_attr* attr, int attr_mask, ibv_qp_init_attr* init_attr);

    [LibraryImport(Library)]
    internal static partial int ibv_destroy_qp(ibv_qp* qp);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ibv_get_async_event(ContextHandle context, ibv_async_event* @event);

    [LibraryImport(Library)]
    internal static partial void ibv_ack_async_event(ibv_async_event* @event);
}
