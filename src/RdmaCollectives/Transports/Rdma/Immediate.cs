namespace RdmaCollectives.Transports.Rdma;

/// <summary>The 32 bits of the immediate (docs/adr/0001-the-wire.md).</summary>
internal readonly record struct Immediate(uint Value)
{
    public const int SequenceBits = 14;
    public const uint SequenceMask = (1u << SequenceBits) - 1;
    public const uint PathMask = 0x1f;

    /// <summary>The piece of a message that is whole and was written into the receiver's output.</summary>
    public const int StoredPiece = 0x7f;

    public Immediate(ulong message, int piece, int path, int epoch)
        : this(((uint)message & SequenceMask) | ((uint)piece << 14) | ((uint)path << 21) | ((uint)epoch << 26))
    {
    }

    /// <summary>The message number modulo 16,384.</summary>
    public uint Sequence => Value & SequenceMask;

    /// <summary>Which piece of a striped message.</summary>
    public int Piece => (int)((Value >> 14) & 0x7f);

    /// <summary>By which path it came.</summary>
    public int Path => (int)((Value >> 21) & PathMask);

    /// <summary>Low 6 bits of the epoch.</summary>
    public int Epoch => (int)(Value >> 26);
}
