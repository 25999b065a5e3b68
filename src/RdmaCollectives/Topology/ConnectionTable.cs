using System.Numerics;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Topology;

/// <summary>The connections of this rank by (peer, channel), each made at creation of the communicator.</summary>
internal sealed class ConnectionTable
{
    /// <summary>The largest world in which every pair of ranks is connected.</summary>
    public const int FullMeshRankLimit = 64;

    private readonly Connection?[,] _connections;
    private readonly Transport?[] _transports;

    public ConnectionTable(int ranks, int channels)
    {
        _connections = new Connection?[ranks, channels];
        _transports = new Transport?[ranks];
    }

    public void Add(int peer, Transport transport, ReadOnlySpan<Connection> connections)
    {
        _transports[peer] = transport;
        foreach (Connection connection in connections)
        {
            _connections[peer, connection.Channel] = connection;
        }
    }

    /// <summary>The connection, or null where none was made.</summary>
    public Connection? TryGet(int peer, int channel) => _connections[peer, channel];

    /// <summary>What has gone over each connection so far; those over which nothing has are left out.</summary>
    public MessageCount[] CountMessages()
    {
        var counts = new List<MessageCount>();
        foreach (Connection? connection in _connections)
        {
            if (connection is not null && (connection.SentCount | connection.ReceivedCount) != 0)
            {
                counts.Add(new MessageCount(connection.Peer, connection.Channel, connection.SentCount, connection.ReceivedCount));
            }
        }

        return [.. counts];
    }

    public Transport TransportOf(Connection connection) => _transports[connection.Peer]!;

    /// <summary>The transport to a peer, or null where none was made (the ranks never exchange a message).</summary>
    public Transport? TransportTo(int peer) => _transports[peer];

    /// <summary>
    /// How many channels two ranks share: all of them where they are neighbours on the ring; else one in worlds of up to <see cref="FullMeshRankLimit"/> ranks; and in larger ones where they are a power of two apart
    /// on the ring, which is what trees from any root and Bruck's algorithms need, or neighbours in the fixed tree. A function of ranks alone, so both ends agree.
    /// </summary>
    public static int ChannelsBetween(int rank, int peer, int ranks, int channels)
    {
        int distance = Math.Abs(rank - peer);
        bool neighbours = distance == 1 || distance == ranks - 1;
        bool meet = ranks <= FullMeshRankLimit || int.IsPow2(distance) || int.IsPow2(ranks - distance) || AreInTheFixedTree(Math.Min(rank, peer), Math.Max(rank, peer), ranks);
        return neighbours ? channels : meet ? 1 : 0;
    }

    // The tree of Schedules.FixedTree, where the first ranks make pairs that count as one each: there neighbours are a power of two apart in what is left, and not in ranks.
    private static bool AreInTheFixedTree(int lower, int higher, int ranks)
    {
        int pairs = ranks - (1 << BitOperations.Log2((uint)ranks));
        return IsFirst(lower) && IsFirst(higher) && Operand(lower) == (Operand(higher) & (Operand(higher) - 1));

        bool IsFirst(int rank) => rank >= 2 * pairs || rank % 2 == 0;
        int Operand(int rank) => rank < 2 * pairs ? rank / 2 : rank - pairs;
    }
}
