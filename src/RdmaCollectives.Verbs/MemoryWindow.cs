using System.Runtime.InteropServices;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>
/// A memory window of type 2: it opens a range of a memory region by a key of its own, to the one queue pair that the request to bind it is posted to. So a peer that learns the key of another connection
/// can do nothing with it, and the key goes out of use by a request of this end alone, without deregistering the region. Binding and invalidating are requests on a send queue, in order with the others.
/// </summary>
/// <remarks>Source: InfiniBand Architecture Specification 1.2.1, 10.6.7.2 (type 2A: what it is bound to is the queue pair; type 2B: also the domain).</remarks>
public sealed unsafe class MemoryWindow : IDisposable
{
    private readonly MemoryWindowHandle _handle;

    internal MemoryWindow(MemoryRegion region)
    {
        Region = region;
        ibv_pd* domain = region.Domain.Handle.Native;
        _handle = new MemoryWindowHandle(region.Domain.Handle, region.Handle);
        ibv_mw* window = null;
        if (domain->context->ops.alloc_mw == null)
            Marshal.SetLastPInvokeError(libc.EOPNOTSUPP);
        else
        {
            window = domain->context->ops.alloc_mw(domain, ibv_mw_type.IBV_MW_TYPE_2);
            Marshal.SetLastPInvokeError(Marshal.GetLastSystemError());
        }

        _handle.Adopt(window, "ibv_alloc_mw", this, error => error is libc.EOPNOTSUPP or libc.EINVAL ? "The device or its driver has no memory windows of type 2." : null);
        RemoteKey = window->rkey;
    }

    /// <summary>The region that it opens.</summary>
    public MemoryRegion Region { get; }

    /// <summary>The key of the last binding that <see cref="SendRequest.SetBind"/> was asked for; before that, a key that opens nothing.</summary>
    public uint RemoteKey { get; internal set; }

    /// <summary>The key that the next binding will have: known before it is made, so that peers can be told.</summary>
    public uint NextRemoteKey => (RemoteKey & ~0xffu) | ((RemoteKey + 1) & 0xff); // ibv_inc_rkey: the low eight bits are the user's

    internal ibv_mw* Native => _handle.IsDisposed ? throw new ObjectDisposedException(ToString()) : _handle.Native;

    internal ibv_mr* NativeRegion => Region.Handle.Native;

    /// <summary>Frees the window; what it opened is closed. To be done before the queue pair goes that it is bound to: rxe (Linux 6.1) waits 200 s for the one in the destruction of the other.</summary>
    public void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"memory window on {Region}";
}
