using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>User memory that this rank's NICs may read, and where peers may be let write: registered with each rail's.</summary>
internal sealed class RdmaRegistration : IDisposable
{
    private readonly MemoryRegion[] _regions;
    private readonly RegistrationBudget _budget;
    private readonly long _byteCount;
    private bool _isDisposed;

    /// <exception cref="VerbsException">A device refused; nothing stays registered.</exception>
    /// <exception cref="CollectiveException">The budget does not allow it.</exception>
    public unsafe RdmaRegistration(IReadOnlyList<RdmaRail> rails, MemoryRegistration memory, RegistrationBudget budget, bool peersWrite)
    {
        _budget = budget;
        _byteCount = rails.Count * (long)memory.ByteCount;
        budget.Take(_byteCount, $"a buffer of {memory.ByteCount} bytes{(rails.Count > 1 ? $" on {rails.Count} rails" : "")}", "dispose buffers that are not needed, or pass arrays, which are not registered");
        _regions = new MemoryRegion[rails.Count];
        try
        {
            for (int rail = 0; rail < _regions.Length; rail++)
            {
                _regions[rail] = rails[rail].Domain.Register(memory.Address, memory.ByteCount, MemoryAccess.LocalWrite | (peersWrite ? MemoryAccess.RemoteWrite : MemoryAccess.None));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public uint LocalKey(RdmaRail rail) => _regions[rail.Index].LocalKey;

    /// <summary>The key that a peer writes with; opens nothing where peers may not write.</summary>
    public uint RemoteKey(RdmaRail rail) => _regions[rail.Index].RemoteKey;

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _budget.Return(_byteCount);
        foreach (MemoryRegion? region in _regions)
        {
            region?.Dispose();
        }
    }
}
