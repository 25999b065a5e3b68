using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>The memory of a connection registered with one device: what the peer writes, by its key alone, and what this rank sends from.</summary>
internal sealed unsafe class RdmaBufferKeys : IDisposable
{
    /// <exception cref="VerbsException">The device refused; nothing stays registered.</exception>
    public RdmaBufferKeys(ProtectionDomain domain, RdmaBuffers buffers, bool hasWindow)
    {
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
        Window?.Dispose();
        Inbound?.Dispose();
        Outbound?.Dispose();
    }
}
