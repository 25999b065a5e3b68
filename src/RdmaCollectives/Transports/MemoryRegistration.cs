using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports;

/// <summary>A range of memory whose lifetime we hold (allocated by us, or registered until its Dispose), with what each transport made of it. Found by address.</summary>
internal sealed unsafe class MemoryRegistration
{
    public MemoryRegistration(byte* address, nuint byteCount, int sharedDescriptor)
    {
        Address = address;
        ByteCount = byteCount;
        SharedDescriptor = sharedDescriptor;
    }

    public byte* Address { get; }

    public nuint ByteCount { get; }

    /// <summary>The memfd behind the range, which peers of this host can map; -1 for memory that is not shared.</summary>
    public int SharedDescriptor { get; }

    /// <summary>What each transport of the communicator made of the range, by the transport's index in <see cref="TransportIndex"/>; null where it needs or has nothing.</summary>
    public IDisposable?[] Keys { get; } = new IDisposable?[TransportIndex.Count];

    /// <summary>Calls that use the range now. Whoever disposes it closes this, and the memory goes when the last of them is done.</summary>
    public UseCount Uses { get; } = new();

    public bool Contains(byte* address, nuint byteCount) =>
        address >= Address && byteCount <= ByteCount && (nuint)(address - Address) <= ByteCount - byteCount;
}
