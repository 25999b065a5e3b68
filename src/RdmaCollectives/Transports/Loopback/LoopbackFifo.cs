using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.Loopback;

/// <summary>
/// One direction between two ranks of a process: a ring of slots, one writer thread, one reader thread at a time.
/// The writer fills line m mod count, then raises <c>published</c> to m + 1; the reader takes it, then raises <c>released</c>. Each counter is written by one side, with
/// <see cref="Volatile"/>: payload and header before <c>published</c> (partner: the reader's volatile read), the reader's last look at a payload before <c>released</c>.
/// </summary>
internal sealed unsafe class LoopbackFifo : IDisposable
{
    private readonly MessageHeader[] _headers;
    private readonly NativeBuffer _slots;
    private readonly int _slotBytes;
    private long _published;
    private long _released;

    public LoopbackFifo(int slotBytes, int slotCount)
    {
        _slotBytes = slotBytes;
        _headers = new MessageHeader[slotCount];
        _slots = new NativeBuffer((nuint)slotBytes * (nuint)slotCount);
    }

    public long Published => Volatile.Read(ref _published);

    public long Released => Volatile.Read(ref _released);

    public int SlotCount => _headers.Length;

    public byte* SlotOf(long message) => _slots.Address + ((nuint)(message & (_headers.Length - 1)) * (nuint)_slotBytes);

    /// <summary>The writer's half; there is credit.</summary>
    public void Publish(in MessageHeader header)
    {
        long message = _published;
        _headers[message & (_headers.Length - 1)] = header;
        MemoryOrder.Publish();
        Volatile.Write(ref _published, message + 1);
    }

    /// <summary>The reader's half: the oldest message that was not released.</summary>
    public bool TryPeek(out MessageHeader header, out byte* payload)
    {
        long message = _released;
        if (Volatile.Read(ref _published) == message)
        {
            header = default;
            payload = null;
            return false;
        }

        header = _headers[message & (_headers.Length - 1)];
        payload = SlotOf(message);
        return true;
    }

    public void Release() => Volatile.Write(ref _released, _released + 1);

    public void Dispose() => _slots.Dispose();
}
