using System.Text;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Topology;

/// <summary>
/// Which transport each pair of ranks uses: the first in order of preference (shared memory, verbs, TCP) that both ends say reaches the other. Every rank tells all others whom it
/// reaches by what, and why not, so all decide alike and a failure can be explained.
/// </summary>
internal sealed class TransportChoice
{
    private readonly byte[] _masks;
    private readonly string?[,] _whyNot;

    public TransportChoice(int ranks)
    {
        _masks = new byte[ranks];
        _whyNot = new string?[ranks, TransportIndex.Count];
    }

    /// <summary>This rank reaches the peer by a transport (<paramref name="whyNot"/> is null), or not and why.</summary>
    public void Set(int peer, int transport, string? whyNot)
    {
        _whyNot[peer, transport] = whyNot;
        if (whyNot is null)
        {
            _masks[peer] |= (byte)(1 << transport);
        }
    }

    /// <summary>One byte per peer: the transports by which this rank reaches it.</summary>
    public byte[] ToBytes() => _masks;

    /// <summary>The transport between this rank and a peer, given what the peer said of its side.</summary>
    public int Choose(int rank, int peer, ReadOnlySpan<byte> peersMasks)
    {
        if (peersMasks.Length != _masks.Length)
        {
            throw new RendezvousException($"Rank {peer} says whom it reaches in {peersMasks.Length} bytes, expected were {_masks.Length}: run the same version on all ranks.", rank, peer);
        }

        int both = _masks[peer] & peersMasks[rank];
        for (int transport = 0; transport < TransportIndex.Count; transport++)
        {
            if ((both & (1 << transport)) != 0)
            {
                return transport;
            }
        }

        var text = new StringBuilder($"Rank {rank} and rank {peer} have no transport between them.");
        for (int transport = 0; transport < TransportIndex.Count; transport++)
        {
            if (_whyNot[peer, transport] is { } reason)
            {
                text.Append(' ').Append(TransportIndex.NameOf(transport)).Append(": ").Append(reason).Append('.');
            }
            else if ((_masks[peer] & (1 << transport)) != 0)
            {
                text.Append(' ').Append(TransportIndex.NameOf(transport)).Append(": rank ").Append(peer).Append(" does not reach this rank; see its message.");
            }
        }

        text.Append(" Mend one of these, or allow another transport (RDMACC_TRANSPORTS).");
        throw new RendezvousException(text.ToString(), rank, peer);
    }
}
