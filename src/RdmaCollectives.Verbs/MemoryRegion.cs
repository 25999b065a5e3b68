using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>
/// Registered memory: a device may read and write it until the region is disposed. The memory is the caller's and must stay allocated until then;
/// pages that were replaced meanwhile (unmapped and mapped again) receive nothing, and no error tells.
/// </summary>
public sealed unsafe class MemoryRegion : IDisposable
{
    private readonly ProtectionDomain _domain;
    private readonly MemoryRegionHandle _handle;

    internal MemoryRegion(ProtectionDomain domain, void* address, nuint byteCount, MemoryAccess access)
        : this(domain, (ulong)address, byteCount, access)
    {
        ArgumentNullException.ThrowIfNull(address);
        // Optional flags go by another symbol, as the macro ibv_reg_mr of the header does; a library without that symbol has no use for the hint.
        bool isPlain = (access & MemoryAccess.RelaxedOrdering) == MemoryAccess.None || !VerbsLibrary.HasRelaxedOrdering;
        ibv_mr* region = isPlain
            ? libibverbs.ibv_reg_mr(domain.Handle, address, byteCount, (int)(access & ~MemoryAccess.RelaxedOrdering))
            : libibverbs.ibv_reg_mr_iova2(domain.Handle, address, byteCount, (ulong)address, (uint)access);
        _handle.Adopt(region, "ibv_reg_mr", this, RegistrationRemedy);
        (LocalKey, RemoteKey) = (region->lkey, region->rkey);
    }

    internal MemoryRegion(ProtectionDomain domain, int descriptor, ulong offset, nuint byteCount, ulong virtualAddress, MemoryAccess access)
        : this(domain, virtualAddress, byteCount, access)
    {
        if (!VerbsLibrary.HasDmaBuf)
        {
            _handle.Dispose();
            throw VerbsException.FromText("ibv_reg_dmabuf_mr", ToString(), "The installed libibverbs cannot register a dmabuf.", "Install rdma-core 34 or newer.");
        }
        ibv_mr* region = libibverbs.ibv_reg_dmabuf_mr(domain.Handle, offset, byteCount, virtualAddress, descriptor, (int)access);
        _handle.Adopt(region, "ibv_reg_dmabuf_mr", this, RegistrationRemedy);
        (LocalKey, RemoteKey) = (region->lkey, region->rkey);
    }

    private MemoryRegion(ProtectionDomain domain, ulong address, nuint byteCount, MemoryAccess access)
    {
        ArgumentOutOfRangeException.ThrowIfZero(byteCount);
        if ((access & (MemoryAccess.RemoteWrite | MemoryAccess.RemoteAtomic)) != MemoryAccess.None && (access & MemoryAccess.LocalWrite) == MemoryAccess.None)
            throw new ArgumentException($"{access}: remote writes and atomics need {nameof(MemoryAccess.LocalWrite)} too.", nameof(access));
        (Address, ByteCount, Access) = (address, byteCount, access);
        _domain = domain;
        _handle = new MemoryRegionHandle(domain.Handle);
    }

    internal ProtectionDomain Domain => _domain;

    internal MemoryRegionHandle Handle => _handle.IsDisposed ? throw new ObjectDisposedException(ToString()) : _handle;

    /// <summary>The address of the first byte, as work requests name it.</summary>
    public ulong Address { get; }

    /// <summary>The number of bytes.</summary>
    public nuint ByteCount { get; }

    /// <summary>Who may do what.</summary>
    public MemoryAccess Access { get; }

    /// <summary>The key by which local work requests name it.</summary>
    public uint LocalKey { get; }

    /// <summary>The key by which peers name it: whoever holds it and is connected may do what <see cref="Access"/> allows.</summary>
    public uint RemoteKey { get; }

    /// <summary>Makes a window of type 2, which opens part of the region to one queue pair; the region allows <see cref="MemoryAccess.BindWindows"/>.</summary>
    /// <exception cref="VerbsException">The device has no such windows (<see cref="DeviceAttributes.HasMemoryWindows"/>), or no more.</exception>
    public MemoryWindow CreateWindow() => new(this);

    /// <summary>The part of it that starts at <paramref name="offset"/>, for a work request.</summary>
    public ScatterGatherElement Slice(nuint offset, uint byteCount)
    {
        if (offset > ByteCount || byteCount > ByteCount - offset)
            throw new ArgumentOutOfRangeException(nameof(byteCount), $"{byteCount} bytes from offset {offset} leave a region of {ByteCount} bytes.");
        return new ScatterGatherElement(Address + offset, byteCount, LocalKey);
    }

    /// <summary>Takes the memory from the device. Peers that still write get an error; no write lands after this returns.</summary>
    public void Dispose() => _handle.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{ByteCount} bytes at 0x{Address:x} in the {_domain}";

    private string? RegistrationRemedy(int error) => error switch
    {
        libc.ENOMEM => $"{LockedMemory.Remedy(ByteCount)} {DeviceLimit()}",
        libc.EPERM or libc.EAGAIN => LockedMemory.Remedy(ByteCount),
        libc.EFAULT => "The range is not mapped, or not writable although writes are allowed.",
        libc.EINVAL => $"The device does not accept this range or access: {Access}.",
        _ => null,
    };

    private string DeviceLimit()
    {
        try
        {
            return $"{_domain.Context.Name} has at most {_domain.Context.QueryDevice().MaxMemoryRegions} regions, of all programs together (`rdma resource show mr` lists them).";
        }
        catch (VerbsException)
        {
            return ""; // it does not even answer that
        }
    }
}
