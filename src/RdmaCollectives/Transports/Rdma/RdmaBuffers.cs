using RdmaCollectives.Memory;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// The registered memory of one connection: slots that the peer writes, slots that this rank sends from, and the credit line that the peer writes. A slot is a line of 64 bytes with
/// the header in its last 16, then the payload: header and payload are one range, and the payload is aligned. Where messages are sealed the tag lies before the header, and the range begins there.
/// </summary>
internal sealed unsafe class RdmaBuffers : IDisposable
{
    private const int PayloadOffset = 64;
    private const int HeaderOffset = PayloadOffset - MessageHeader.ByteSize;

    private readonly NativeBuffer _inboundMemory;
    private readonly NativeBuffer _outboundMemory;
    private readonly nuint _stride;
    private readonly bool _isSealed;

    public RdmaBuffers(ProtectionDomain domain, int slotBytes, int slotCount, bool isSealed, bool hasWindow)
    {
        _isSealed = isSealed;
        _stride = (nuint)(PayloadOffset + slotBytes);
        nuint slots = _stride * (nuint)slotCount;
        nuint page = (nuint)Environment.SystemPageSize;
        _inboundMemory = new NativeBuffer(slots + CreditLine.ByteSize, page);
        _outboundMemory = new NativeBuffer(slots, page);
        try
        {
            // Two registrations: the peer's key opens what it may write, not what this rank is about to send.
            Inbound = domain.Register(_inboundMemory.Address, _inboundMemory.ByteCount, MemoryAccess.LocalWrite | (hasWindow ? MemoryAccess.BindWindows : MemoryAccess.RemoteWrite));
            Window = hasWindow ? Inbound.CreateWindow() : null;
            RemoteKey = Window?.NextRemoteKey ?? Inbound.RemoteKey;
            Outbound = domain.Register(_outboundMemory.Address, _outboundMemory.ByteCount, MemoryAccess.LocalWrite);
        }
        catch
        {
            Dispose();
            throw;
        }

        Credit = (CreditLine*)(_inboundMemory.Address + slots);
    }

    /// <summary>What the peer writes.</summary>
    public MemoryRegion Inbound { get; } = null!;

    /// <summary>The window through which the peer writes it, where there is one; opens nothing before it is bound, which needs a connected queue pair.</summary>
    public MemoryWindow? Window { get; }

    /// <summary>The peer's key to it.</summary>
    public uint RemoteKey { get; }

    /// <summary>What is sent from.</summary>
    public MemoryRegion Outbound { get; } = null!;

    /// <summary>The credit line that the peer writes.</summary>
    public CreditLine* Credit { get; }

    public ulong CreditAddress => (ulong)Credit;

    /// <summary>The header of an incoming slot; the payload follows it.</summary>
    public MessageHeader* InboundHeader(int slot) => (MessageHeader*)(_inboundMemory.Address + ((nuint)slot * _stride) + HeaderOffset);

    /// <summary>The header of an outgoing slot; the payload follows it.</summary>
    public MessageHeader* OutboundHeader(int slot) => (MessageHeader*)(_outboundMemory.Address + ((nuint)slot * _stride) + HeaderOffset);

    /// <summary>What is written before the header: nothing, or the tag.</summary>
    public uint PrefixBytes => _isSealed ? (uint)RecordCipher.TagBytes : 0;

    /// <summary>Where the header of a slot is, from the first slot's.</summary>
    public ulong OffsetOf(int slot) => (ulong)slot * _stride;

    /// <summary>Where the peer writes its first message: the header, or the tag before it.</summary>
    public ulong FirstMessageAddress => (ulong)InboundHeader(0) - PrefixBytes;

    public void Dispose()
    {
        Window?.Dispose();
        Inbound?.Dispose();
        Outbound?.Dispose();
        _inboundMemory.Dispose();
        _outboundMemory.Dispose();
    }
}
