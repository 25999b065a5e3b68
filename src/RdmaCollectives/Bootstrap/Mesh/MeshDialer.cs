using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>Makes the connections of this rank, and has the rendezvous pass on what two ranks say that get none. For the control thread alone.</summary>
/// <param name="start">The job.</param>
/// <param name="rendezvous">What passes on.</param>
/// <param name="connections">Where new ones are put, to be polled.</param>
/// <param name="options">How long a host may be silent.</param>
/// <param name="logger">Where a relayed pair is named, once.</param>
/// <param name="reached">A peer can be sent to from now on.</param>
/// <param name="lost">There is no way to a peer, for a reason.</param>
internal sealed class MeshDialer(
    JobStart start, RendezvousSide rendezvous, List<MeshConnection> connections, ResolvedOptions options, ILogger logger, Action<Peer> reached, Action<Peer, string, DateTime> lost)
{
    private readonly MemberIdentity _own = start.Own;

    /// <summary>Of two ranks the higher one connects, so a newcomer connects to all that were there before.</summary>
    public bool IsConnector(Peer peer) => _own.Rank > peer.Rank;

    /// <summary>From now on there is to be a connection between the two; this rank makes it, or waits for it.</summary>
    public void MakeDirect(Peer peer, DateTime now)
    {
        if (peer.IsDirect)
        {
            return;
        }

        peer.IsDirect = true;
        peer.ConnectBy = now + MeshLoop.ConnectTime;
        if (!IsConnector(peer))
        {
            return;
        }

        if (peer.Identity.Listens is not { } listens)
        {
            Relay(peer, "it could not listen for connections", now);
            return;
        }

        try
        {
            connections.Add(MeshConnection.Connect(peer.Identity, MeshListener.Reached(listens, rendezvous.Reached), _own, start.MeshKey, peer.ConnectBy));
        }
        catch (SocketException e)
        {
            Relay(peer, e.Message, now);
        }
    }

    /// <summary>This connection is the peer's.</summary>
    public void Link(Peer peer, MeshConnection connection)
    {
        connection.PeerRank = peer.Rank;
        peer.IsDirect = true;
        peer.IsRelayed = false; // this end had given up waiting for it
        peer.Connection = connection;
        LossJudge.WayFound(peer);
        ControlSocket.Configure(connection.Socket, peer.Watch is null ? options.HostTimeout : null);
        reached(peer);
    }

    /// <summary>No connection could be made.</summary>
    public void Relay(Peer peer, string why, DateTime now)
    {
        why = why.TrimEnd('.');
        if (!rendezvous.Send(new Frame(FrameKind.Relayed, peer.Rank, 0, default)))
        {
            lost(peer, $"no connection to it could be made ({why}), and the rendezvous is gone", now);
            return;
        }

        BootstrapLog.Relayed(logger, _own.Rank, peer.Identity.ToString(), why);
        peer.IsRelayed = true;
        reached(peer);
    }
}
