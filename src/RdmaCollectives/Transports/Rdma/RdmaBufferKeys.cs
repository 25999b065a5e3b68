using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>The memory of a connection registered with one device: what the peer writes, by its key alone, and what this rank sends from.</summary>
internal sealed unsafe class RdmaBufferKeys : IDisposable
{
    private readonly RegistrationBudget _budget;
    private readonly long _byteCount;
    private bool _isDisposed;

    /// <exception cref="VerbsException">The device refused; nothing stays registered.</exception>
    /// <exception cref="CollectiveException">The budget does not allow it.</exception>
    public RdmaBufferKeys(ProtectionDomain domain, RdmaBuffers buffers, bool hasWindow, RegistrationBudget budget, int peer)
    {
        _budget = budget;
        _byteCount = (long)(buffers.Inbound.ByteCount + buffers.Outbound.ByteCount);
        budget.Take(_byteCount, $"the slots of a channel to rank {peer}", "let a connection take less (RDMACC_CHUNK_BYTES, RDMACC_SLOTS, RDMACC_CHANNELS)");
        try
        {
            // Two registrations: the peer's key opens what it may write, not what this rank is about to send.
            Inbound = domain.Register(buffers.Inbound.Address, buffers.Inbound.ByteCount, MemoryAccess.LocalWrite | (hasWindow ? MemoryAccess.BindWindows : MemoryAccess.RemoteWrite));
            Window = hasWindow ? Inbound.CreateWindow() : null;
            RemoteKey = Window?.NextRemoteKey ?? Inbound.RemoteKey;
            Outbound = domain.Register(buffers.Outbound.Address, buffers.Outbound.ByteCount, MemoryAccess.LocalWrite);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the peer writes.</summary>
    public MemoryRegion Inbound { get; } = null!;

    /// <summary>The window through which the peer writes it, where there is one; opens nothing before it is bound, which needs a connected queue pair.</summary>
    public MemoryWindow? Window { get; }

    /// <summary>The peer's key to it.</summary>
    public uint RemoteKey { get; }

    /// <summary>What is sent from.</summary>
    public MemoryRegion Outbound { get; } = null!;

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _budget.Return(_byteCount);
        Window?.Dispose();
        Inbound?.Dispose();
        Outbound?.Dispose();
    }
}
