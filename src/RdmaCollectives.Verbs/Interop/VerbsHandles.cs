// One handle per kind of native object; see VerbsHandle for the rule of leases.
namespace RdmaCollectives.Verbs.Interop;

/// <summary>An open device. A context that librdmacm opened is closed by librdmacm: then this handle only holds the connection it came from.</summary>
internal sealed unsafe class ContextHandle : VerbsHandle
{
    private readonly bool _isOwned;

    internal ContextHandle() => _isOwned = true;

    internal ContextHandle(ConnectionHandle connection, ibv_context* context)
        : base(connection)
    {
        SetHandle((nint)context);
    }

    internal ibv_context* Native => (ibv_context*)handle;

    protected override int Destroy() => _isOwned ? libibverbs.ibv_close_device(Native) : 0;
}

internal sealed unsafe class ProtectionDomainHandle(ContextHandle context) : VerbsHandle(context)
{
    internal ibv_pd* Native => (ibv_pd*)handle;

    protected override int Destroy() => libibverbs.ibv_dealloc_pd(Native);
}

internal sealed unsafe class MemoryRegionHandle(ProtectionDomainHandle domain) : VerbsHandle(domain)
{
    internal ibv_mr* Native => (ibv_mr*)handle;

    protected override int Destroy() => libibverbs.ibv_dereg_mr(Native);
}

/// <summary>The region that the window opens is a parent: it cannot be deregistered while a window is bound to it.</summary>
internal sealed unsafe class MemoryWindowHandle(ProtectionDomainHandle domain, MemoryRegionHandle region) : VerbsHandle(domain, region)
{
    internal ibv_mw* Native => (ibv_mw*)handle;

    protected override int Destroy() => Native->context->ops.dealloc_mw(Native);
}

internal sealed unsafe class CompletionChannelHandle(ContextHandle context) : VerbsHandle(context)
{
    internal ibv_comp_channel* Native => (ibv_comp_channel*)handle;

    protected override int Destroy() => libibverbs.ibv_destroy_comp_channel(Native);
}

internal sealed unsafe class CompletionQueueHandle(ContextHandle context, CompletionChannelHandle? channel) : VerbsHandle(context, channel)
{
    internal ibv_cq* Native => (ibv_cq*)handle;

    protected override int Destroy() => libibverbs.ibv_destroy_cq(Native);
}

/// <summary>A queue pair. One that was created on a connection of librdmacm is destroyed through that connection, and holds it.</summary>
internal sealed unsafe class QueuePairHandle(
    ProtectionDomainHandle domain, CompletionQueueHandle sendQueue, CompletionQueueHandle receiveQueue, ConnectionHandle? connection = null)
    : VerbsHandle(domain, sendQueue, receiveQueue, connection)
{
    private readonly ConnectionHandle? _connection = connection;

    internal ibv_qp* Native => (ibv_qp*)handle;

    protected override int Destroy()
    {
        if (_connection is null)
            return libibverbs.ibv_destroy_qp(Native);
        librdmacm.rdma_destroy_qp(_connection.Native);
        return 0;
    }
}

internal sealed unsafe class EventChannelHandle : VerbsHandle
{
    internal rdma_event_channel* Native => (rdma_event_channel*)handle;

    protected override int Destroy()
    {
        librdmacm.rdma_destroy_event_channel(Native);
        return 0;
    }
}

/// <summary>An <c>rdma_cm_id</c>: a listener or one end of a connection.</summary>
internal sealed unsafe class ConnectionHandle(EventChannelHandle channel) : VerbsHandle(channel)
{
    internal rdma_cm_id* Native => (rdma_cm_id*)handle;

    protected override int Destroy() => librdmacm.rdma_destroy_id(Native);
}
