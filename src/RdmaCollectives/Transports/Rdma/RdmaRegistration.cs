using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>User memory that this rank's NIC may read.</summary>
internal sealed class RdmaRegistration(MemoryRegion region) : IDisposable
{
    public uint LocalKey { get; } = region.LocalKey;

    public void Dispose() => region.Dispose();
}
