using RdmaCollectives.Transports;

namespace RdmaCollectives.Planning;

/// <summary>One send or receive of a <see cref="TransferSet"/>, and how far it has come.</summary>
internal sealed unsafe class Transfer
{
    /// <summary>The peer of a receive that takes what comes first.</summary>
    public const int Any = -2;

    /// <summary>The other rank, or <see cref="Any"/>.</summary>
    public int Peer;

    public byte* Address;

    public ulong ByteCount;

    /// <summary>Names type and element count in every message.</summary>
    public uint Hash;

    /// <summary>The registration that holds the memory, or null.</summary>
    public MemoryRegistration? Registration;

    /// <summary>The number of this transfer among those of its ordered pair of ranks; of a receive from any rank, once it has one.</summary>
    public uint Sequence;

    /// <summary>The connection; of a receive from any rank, once it has one.</summary>
    public Connection? Connection;

    /// <summary>Bytes that are through.</summary>
    public ulong Moved;

    /// <summary>Whether its last message is through; a transfer of nothing has one empty message.</summary>
    public bool IsDone;

    public void Restart(Connection? connection, uint sequence)
    {
        Connection = connection;
        Sequence = sequence;
        Moved = 0;
        IsDone = false;
    }
}
