using System.Runtime.InteropServices;

namespace RdmaCollectives.Transports;

/// <summary>The 16 bytes before every payload (docs/adr/0001-the-wire.md).</summary>
[StructLayout(LayoutKind.Explicit, Size = ByteSize)]
internal struct MessageHeader
{
    public const int ByteSize = 16;

    /// <summary>The call: collective, type, operator, root, counts, epoch, plan.</summary>
    [FieldOffset(0)]
    public uint Hash;

    /// <summary>Low 32 bits of the collective sequence.</summary>
    [FieldOffset(4)]
    public uint Sequence;

    /// <summary>Payload bytes that follow.</summary>
    [FieldOffset(8)]
    public uint ByteCount;

    [FieldOffset(12)]
    public MessageKind Kind;

    /// <summary>Low 8 bits of the membership epoch.</summary>
    [FieldOffset(13)]
    public byte Epoch;

    /// <summary>Messages of the opposite FIFO released by the sender, modulo 65,536. Set and read by transports that need it, else 0.</summary>
    [FieldOffset(14)]
    public ushort Credit;

    /// <summary>Its first eight bytes as a number; put together from the fields, since reading them at once has to wait until the processor has written each.</summary>
    public readonly ulong FirstWord => Hash | ((ulong)Sequence << 32);

    /// <summary>Its last eight bytes likewise.</summary>
    public readonly ulong SecondWord => ByteCount | ((ulong)Kind << 32) | ((ulong)Epoch << 40) | ((ulong)Credit << 48);

    /// <summary>The call of a message. Of the calls that two ranks may be in at one time, no two have the same sequence.</summary>
    public static ulong CallOf(in MessageHeader header) => ((ulong)header.Hash << 32) | header.Sequence;

    /// <summary>Whether this header is the one that a step expects; the credit does not count.</summary>
    public readonly bool Matches(in MessageHeader expected) =>
        Hash == expected.Hash && Sequence == expected.Sequence && ByteCount == expected.ByteCount && Kind == expected.Kind && Epoch == expected.Epoch;
}
