using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>User memory that this rank's NICs may read: registered with each rail's.</summary>
internal sealed class RdmaRegistration : IDisposable
{
    private readonly MemoryRegion[] _regions;

    /// <exception cref="VerbsException">A device refused; nothing stays registered.</exception>
    public unsafe RdmaRegistration(IReadOnlyList<RdmaRail> rails, MemoryRegistration memory)
    {
        _regions = new MemoryRegion[rails.Count];
        try
        {
            for (int rail = 0; rail < _regions.Length; rail++)
            {
                _regions[rail] = rails[rail].Domain.Register(memory.Address, memory.ByteCount, MemoryAccess.LocalWrite);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public uint LocalKey(RdmaRail rail) => _regions[rail.Index].LocalKey;

    public void Dispose()
    {
        foreach (MemoryRegion? region in _regions)
        {
            region?.Dispose();
        }
    }
}
