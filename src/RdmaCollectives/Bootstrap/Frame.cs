using System.Buffers.Binary;

namespace RdmaCollectives.Bootstrap;

/// <summary>One message of the control plane, in the clear.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Peer">A rank of the job. From a rank: whom it is for, -1 for everyone else. From the rendezvous: the rank that it comes from, -1 for the rendezvous itself.</param>
/// <param name="Key">Round, key or number of a question; depends on the kind.</param>
/// <param name="Payload">At most <see cref="WireProtocol.MaxBlobBytes"/>.</param>
/// <param name="Scope">The communicator that it belongs to; 0 for the one of all ranks, and for what concerns no communicator.</param>
internal readonly record struct Frame(FrameKind Kind, int Peer, ulong Key, ReadOnlyMemory<byte> Payload, ulong Scope = 0)
{
    public const int HeaderBytes = 21;

    public int ByteCount => HeaderBytes + Payload.Length;

    public void Write(Span<byte> to)
    {
        to[0] = (byte)Kind;
        BinaryPrimitives.WriteInt32LittleEndian(to[1..], Peer);
        BinaryPrimitives.WriteUInt64LittleEndian(to[5..], Key);
        BinaryPrimitives.WriteUInt64LittleEndian(to[13..], Scope);
        Payload.Span.CopyTo(to[HeaderBytes..]);
    }

    /// <summary>Takes <paramref name="from"/> over as the payload's memory.</summary>
    public static Frame Read(byte[] from) => new(
        (FrameKind)from[0],
        BinaryPrimitives.ReadInt32LittleEndian(from.AsSpan(1)),
        BinaryPrimitives.ReadUInt64LittleEndian(from.AsSpan(5)),
        from.AsMemory(HeaderBytes),
        BinaryPrimitives.ReadUInt64LittleEndian(from.AsSpan(13)));
}
