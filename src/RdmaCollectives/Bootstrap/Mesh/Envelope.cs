using System.Buffers.Binary;

namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>How an envelope goes on.</summary>
internal enum EnvelopeWay : byte
{
    /// <summary>To one rank: each hop brings it nearer.</summary>
    Direct = 0,

    /// <summary>To all, down the tree of its origin: each rank gets it once, while nobody is dead.</summary>
    Tree = 1,

    /// <summary>By every connection there is, where no other way is known; duplicates are dropped. Who lives gets it.</summary>
    Flood = 2,
}

/// <summary>A frame on its way through the overlay, as the payload of a <see cref="FrameKind.Routed"/>.</summary>
/// <param name="Way">How it goes on.</param>
/// <param name="Origin">The rank that sends it.</param>
/// <param name="Destination">The rank that it is for; -1 for all others of the start.</param>
/// <param name="Number">The origin's count of envelopes of this way, from 1; of those to one rank a count per destination, 0 for one that need not arrive.</param>
/// <param name="Frame">What is sent; its peer is left open.</param>
internal readonly record struct Envelope(EnvelopeWay Way, int Origin, int Destination, ulong Number, Frame Frame)
{
    public const int HeaderBytes = 17;

    public byte[] Write()
    {
        byte[] bytes = new byte[HeaderBytes + Frame.ByteCount];
        bytes[0] = (byte)Way;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), Origin);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(5), Destination);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(9), Number);
        Frame.Write(bytes.AsSpan(HeaderBytes));
        return bytes;
    }

    /// <exception cref="CollectiveException">These are not the bytes of an envelope.</exception>
    public static Envelope Read(ReadOnlySpan<byte> from)
    {
        if (from.Length < HeaderBytes + Frame.HeaderBytes || from[0] > (byte)EnvelopeWay.Flood)
        {
            throw new CollectiveException(Error.Protocol, $"An envelope of {from.Length} bytes can't be read.");
        }

        return new Envelope(
            (EnvelopeWay)from[0],
            BinaryPrimitives.ReadInt32LittleEndian(from[1..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[5..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[9..]),
            Frame.Read(from[HeaderBytes..].ToArray()));
    }
}
