using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>Ties memory regions to queue pairs: a queue pair reaches only memory that is registered in its own protection domain.</summary>
public sealed unsafe class ProtectionDomain : IDisposable
{
    private readonly ProtectionDomainHandle _handle;

    internal ProtectionDomain(DeviceContext context)
    {
        Context = context;
        _handle = new ProtectionDomainHandle(context.Handle);
        Handle.Adopt(libibverbs.ibv_alloc_pd(context.Handle), "ibv_alloc_pd", context);
    }

    /// <summary>The device.</summary>
    public DeviceContext Context { get; }

    internal ProtectionDomainHandle Handle => _handle.IsDisposed ? throw new ObjectDisposedException(ToString()) : _handle;

    /// <summary>Registers memory that the caller keeps allocated, at its address, until the region is disposed.</summary>
    /// <param name="address">The first byte; native or pinned memory.</param>
    /// <param name="byteCount">The number of bytes, above 0.</param>
    /// <param name="access">Who may do what; remote writes and atomics need <see cref="MemoryAccess.LocalWrite"/> too.</param>
    /// <exception cref="VerbsException">The kernel refused; where locked memory is the reason, the message has the limit, the need and the remedy.</exception>
    public MemoryRegion Register(void* address, nuint byteCount, MemoryAccess access) => new(this, address, byteCount, access);

    /// <summary>Registers a range of a dmabuf, for instance memory of an accelerator.</summary>
    /// <param name="descriptor">The dmabuf's file descriptor; it may be closed afterwards.</param>
    /// <param name="offset">Where the range starts inside the dmabuf.</param>
    /// <param name="byteCount">The number of bytes, above 0.</param>
    /// <param name="virtualAddress">The address by which work requests name the first byte.</param>
    /// <param name="access">Who may do what.</param>
    /// <exception cref="VerbsException">The installed libibverbs or the driver cannot do it, or refused this range.</exception>
    public MemoryRegion RegisterDmaBuf(int descriptor, ulong offset, nuint byteCount, ulong virtualAddress, MemoryAccess access) =>
        new(this, descriptor, offset, byteCount, virtualAddress, access);

    /// <summary>Makes a reliable-connected queue pair, in state RESET.</summary>
    public QueuePair CreateQueuePair(QueuePairOptions options) => new(this, options);

    /// <summary>Gives it up; the native domain is freed when the last region and queue pair made from it are gone.</summary>
    public void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"protection domain of {Context}";
}
