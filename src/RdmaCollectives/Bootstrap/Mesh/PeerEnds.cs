using System.Text;

namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>What is done when another rank leaves, dies or is given up: its connection ends, the planes are told, others are where they can't see it themselves, and the gap in the overlay is closed. For the control thread alone.</summary>
internal sealed class PeerEnds
{
    private readonly MeshLink _link;
    private readonly JobStart _start;
    private readonly MemberIdentity _own;
    private readonly IReadOnlyDictionary<int, Peer> _peers;
    private readonly MeshRoutes _routes;
    private readonly MeshDialer _dialer;
    private readonly Action<MeshConnection, Frame> _take;

    public PeerEnds(MeshLink link, JobStart start, IReadOnlyDictionary<int, Peer> peers, MeshRoutes routes, MeshDialer dialer, Action<MeshConnection, Frame> take)
    {
        _link = link;
        _start = start;
        _own = start.Own;
        _peers = peers;
        _routes = routes;
        _dialer = dialer;
        _take = take;
        Judge = new LossJudge(Die, Suspect) { ExpectsWords = start.TellsExits };
    }

    public LossJudge Judge { get; }

    /// <summary>It said goodbye.</summary>
    public void Leave(Peer peer)
    {
        if (peer.State is PeerState.Left or PeerState.Dead)
        {
            return;
        }

        EndPeer(peer, PeerState.Left);
        _link.OnLeft(peer.Rank);
    }

    /// <summary>Its process has certainly ended; what it sent before is taken first.</summary>
    private void Die(Peer peer, string how)
    {
        if (peer.Connection is { } connection)
        {
            connection.Serve(drain: true, _take); // all that it sent comes before its death
            connection.End("its process has ended");
        }

        if (peer.State is PeerState.Left or PeerState.Dead)
        {
            return; // its goodbye was there
        }

        bool wasSeen = peer.IsGone;
        EndPeer(peer, PeerState.Dead);
        _link.OnDied(peer.Identity, how);
        TellLoss(peer, how, isProven: true, isNews: wasSeen && peer.Words is null);
    }

    /// <summary>Contact is lost, and it may live: it is told, if that gets through, and nothing more is taken from it.</summary>
    public void Suspect(Peer peer, string why)
    {
        if (!peer.IsLiving)
        {
            return;
        }

        MeshConnection? connection = peer.Connection;
        EndPeer(peer, PeerState.Suspected);
        connection?.GiveUp(new Frame(FrameKind.GivenUp, peer.Rank, 0, Encoding.UTF8.GetBytes(why)), DateTime.MaxValue);
        _link.OnUnreachable(peer.Identity, why);
        TellLoss(peer, why, isProven: false, isNews: false);
    }

    private void EndPeer(Peer peer, PeerState state)
    {
        peer.State = state;
        peer.Connection = null;
        peer.Waiting.Clear();
        peer.LeavesAt = DateTime.MaxValue;
        if (state != PeerState.Suspected)
        {
            peer.Watch?.Dispose();
            peer.Watch = null;
            peer.JudgeAt = DateTime.MaxValue;
        }

        if (_own.Rank >= _start.WorldSize || _routes.Overlay.IsAllPairs)
        {
            return; // connected to all as it is
        }

        foreach (int beside in _routes.Overlay.Beside(other => other != _own.Rank && !_peers[other].IsLiving))
        {
            _dialer.MakeDirect(_peers[beside], DateTime.UtcNow);
        }
    }

    // Where all pairs are connected everybody sees a connection end; but only those on its host see the end of a process whose sockets somebody else still holds.
    private void TellLoss(Peer peer, string how, bool isProven, bool isNews)
    {
        if (isNews || !_routes.Overlay.IsAllPairs)
        {
            var lost = new Frame(FrameKind.Lost, -1, (isProven ? 1UL << 32 : 0) | (uint)peer.Rank, Encoding.UTF8.GetBytes(how));
            _routes.Send(lost);
            foreach (Peer newcomer in _peers.Values.Where(p => p.Rank >= _start.WorldSize).ToArray())
            {
                _routes.SendTo(newcomer, lost);
            }
        }
    }
}
