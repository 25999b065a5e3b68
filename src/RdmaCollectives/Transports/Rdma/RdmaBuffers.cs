using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// The memory of one connection, whichever path it takes: slots that the peer writes, slots that this rank sends from, and the two lines that the peer writes. A slot is a line of 64 bytes with
/// the header in its last 16, then the payload: header and payload are one range, and the payload is aligned. Where messages are sealed the tag lies before the header, and the range begins there.
/// </summary>
internal sealed unsafe class RdmaBuffers : IDisposable
{
    private const int PayloadOffset = 64;
    private const int HeaderOffset = PayloadOffset - MessageHeader.ByteSize;

    private readonly nuint _stride;
    private readonly bool _isSealed;

    public RdmaBuffers(int slotBytes, int slotCount, bool isSealed)
    {
        _isSealed = isSealed;
        _stride = (nuint)(PayloadOffset + slotBytes);
        nuint slots = _stride * (nuint)slotCount;
        nuint page = (nuint)Environment.SystemPageSize;
        Inbound = new NativeBuffer(slots + CreditLine.ByteSize + Rdma.OutputLine.ByteSize, page);
        Outbound = new NativeBuffer(slots, page);
        Credit = (CreditLine*)(Inbound.Address + slots);
        OutputLine = (OutputLine*)(Credit + 1); // where RdmaEndpoint looks for it
    }

    /// <summary>What the peer writes.</summary>
    public NativeBuffer Inbound { get; }

    /// <summary>What is sent from.</summary>
    public NativeBuffer Outbound { get; }

    /// <summary>The credit line that the peer writes.</summary>
    public CreditLine* Credit { get; }

    public ulong CreditAddress => (ulong)Credit;

    /// <summary>The line by which the peer opens its output.</summary>
    public OutputLine* OutputLine { get; }

    /// <summary>The header of an incoming slot; the payload follows it.</summary>
    public MessageHeader* InboundHeader(int slot) => (MessageHeader*)(Inbound.Address + ((nuint)slot * _stride) + HeaderOffset);

    /// <summary>The header of an outgoing slot; the payload follows it.</summary>
    public MessageHeader* OutboundHeader(int slot) => (MessageHeader*)(Outbound.Address + ((nuint)slot * _stride) + HeaderOffset);

    /// <summary>What is written before the header: nothing, or the tag.</summary>
    public uint PrefixBytes => _isSealed ? (uint)RecordCipher.TagBytes : 0;

    /// <summary>Where the header of a slot is, from the first slot's.</summary>
    public ulong OffsetOf(int slot) => (ulong)slot * _stride;

    /// <summary>Where the peer writes its first message: the header, or the tag before it.</summary>
    public ulong FirstMessageAddress => (ulong)InboundHeader(0) - PrefixBytes;

    public void Dispose()
    {
        Inbound.Dispose();
        Outbound.Dispose();
    }
}
