namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>What this transport makes of a registered buffer: a place in its rank's table, taken back when disposed, which tells peers to unmap theirs.</summary>
internal sealed unsafe class RegistrationKey(SharedMemoryTransport transport, int index, ulong generation, int descriptor, long byteCount, byte* address) : IDisposable
{
    private SharedMemoryTransport? _transport = transport;

    /// <summary>How a line names the payload at <paramref name="source"/>.</summary>
    public PulledRange RangeAt(byte* source) => new(index, generation, (ulong)(source - address), descriptor, byteCount);

    public void Dispose() => Interlocked.Exchange(ref _transport, null)?.Unregister(index);
}
