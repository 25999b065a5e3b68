using System.Collections.Concurrent;

namespace RdmaCollectives.Transports.Loopback;

/// <summary>What the loopback transports of one in-process group share: the FIFOs by (from, to, channel), and who is who. It lives as long as the last rank that uses it.</summary>
internal sealed class LoopbackFabric : ILocalFabric, IDisposable
{
    private readonly ConcurrentDictionary<(int From, int To, int Channel), LoopbackFifo> _fifos = new();
    private readonly LoopbackTransport?[] _ranks;
    private readonly Dictionary<ulong, (LoopbackFabric Fabric, int Awaited)> _parts = [];
    private int _users;

    public LoopbackFabric(int ranks)
    {
        _ranks = new LoopbackTransport?[ranks];
        _users = ranks;
    }

    /// <inheritdoc/>
    public Transport Start(TransportContext context) => new LoopbackTransport(context, this);

    public void Attach(int rank, LoopbackTransport transport) => Volatile.Write(ref _ranks[rank], transport);

    public LoopbackTransport this[int rank] => Volatile.Read(ref _ranks[rank]) ?? throw new InvalidOperationException($"Rank {rank} has not been attached to the group.");

    public LoopbackFifo Fifo(int from, int to, int channel, int slotBytes, int slotCount)
    {
        lock (_fifos)
        {
            return _fifos.GetOrAdd((from, to, channel), static (_, size) => new LoopbackFifo(size.slotBytes, size.slotCount), (slotBytes, slotCount));
        }
    }

    /// <inheritdoc/>
    public ILocalFabric Part(ulong scope, int ranks)
    {
        lock (_parts)
        {
            if (!_parts.TryGetValue(scope, out (LoopbackFabric Fabric, int Awaited) part))
            {
                part = (new LoopbackFabric(ranks), ranks);
            }

            if (part.Awaited == 1)
            {
                _parts.Remove(scope);
            }
            else
            {
                _parts[scope] = part with { Awaited = part.Awaited - 1 };
            }

            return part.Fabric;
        }
    }

    /// <summary>A rank is done. Slots are freed when the last one is: a peer may still read what a rank that left has sent.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            foreach (LoopbackFifo fifo in _fifos.Values)
            {
                fifo.Dispose();
            }
        }
    }
}
