using RdmaCollectives.Bootstrap;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Topology;

/// <summary>
/// Brings the connections of a communicator up: every rank tells what it has, each pair settles on a transport, both ends connect. All ranks go through the same gatherings in the same order, each with
/// the join deadline; a rank that cannot go on reports a fault, so that no other waits for it.
/// </summary>
internal sealed class Wiring(IControlPlane control, ResolvedOptions options, TransportSet transports)
{
    private readonly int _rank = control.Rank;
    private readonly int _ranks = control.WorldSize;
    private readonly long _start = control.Pace.Timestamp;

    /// <summary>What is left of the join deadline; never less than a moment, so that a wait that is already satisfied still succeeds.</summary>
    private TimeSpan Left
    {
        get
        {
            TimeSpan left = options.JoinTimeout - control.Pace.Since(_start);
            return left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
        }
    }

    /// <summary>Connects this rank; the result tells by which transport each peer is reached.</summary>
    public ConnectionTable Connect()
    {
        int[] chosen = Settle();
        var table = new ConnectionTable(_ranks, options.Channels);
        var pending = new PendingConnection?[_ranks];
        try
        {
            for (int peer = 0; peer < _ranks; peer++)
            {
                int channels = peer == _rank ? 0 : ConnectionTable.ChannelsBetween(_rank, peer, _ranks, options.Channels);
                if (channels > 0)
                {
                    pending[peer] = transports[chosen[peer]]!.BeginConnect(peer, channels);
                    control.SendToPeer(peer, Keys.LocalInfo, pending[peer]!.LocalInfo);
                }
            }

            // Higher ranks ascending, then lower ones: every end was begun above, and every Complete serves all ends that are expected, so whatever the peers do in whichever order, someone goes on.
            foreach (int peer in Enumerable.Range(_rank + 1, _ranks - _rank - 1).Concat(Enumerable.Range(0, _rank)))
            {
                if (pending[peer] is { } connection)
                {
                    byte[] remote = control.ReceiveFromPeer(peer, Keys.LocalInfo, Left);
                    table.Add(peer, transports[chosen[peer]]!, connection.Complete(remote));
                }
            }

            Confirm(pending);
        }
        finally
        {
            foreach (PendingConnection? connection in pending)
            {
                connection?.Dispose();
            }
        }

        return table;
    }

    private static class Keys
    {
        public const ulong LocalInfo = 1;
        public const ulong Ready = 2;
    }

    private void Confirm(PendingConnection?[] pending)
    {
        for (int peer = 0; peer < _ranks; peer++)
        {
            if (pending[peer] is not null)
            {
                control.SendToPeer(peer, Keys.Ready, []);
            }
        }

        for (int peer = 0; peer < _ranks; peer++)
        {
            if (pending[peer] is { } connection)
            {
                control.ReceiveFromPeer(peer, Keys.Ready, Left);
                connection.Confirm();
            }
        }
    }

    /// <summary>The transport index towards each peer; both ends of every pair come to the same one.</summary>
    private int[] Settle()
    {
        byte[][] descriptions = control.AllGather(transports.Describe(), Left);
        var choice = new TransportChoice(_ranks);
        for (int peer = 0; peer < _ranks; peer++)
        {
            for (int index = 0; peer != _rank && index < TransportIndex.Count; index++)
            {
                choice.Set(peer, index, WhyNot(peer, index, descriptions[peer]));
            }
        }

        byte[][] masks = control.AllGather(choice.ToBytes(), Left);
        int[] chosen = new int[_ranks];
        for (int peer = 0; peer < _ranks; peer++)
        {
            if (peer != _rank && ConnectionTable.ChannelsBetween(_rank, peer, _ranks, options.Channels) > 0)
            {
                chosen[peer] = choice.Choose(_rank, peer, masks[peer]);
            }
        }

        return chosen;
    }

    private string? WhyNot(int peer, int index, byte[] description)
    {
        if (transports[index] is not { } transport)
        {
            return transports.WhyNot(index);
        }

        byte[]? theirs = TransportSet.DescriptionOf(peer, description, index);
        return theirs is null ? $"rank {peer} has not started it" : transport.WhyNotReachable(peer, theirs);
    }
}
