using System.Text;

namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>What is done when another rank leaves, dies or is given up: its connection ends, the planes are told, others are where they can't see it themselves, and the gap in the overlay is closed. For the control thread alone.</summary>
internal sealed class PeerEnds
{
    /// <summary>How long the last words of a connection may take.</summary>
    public static readonly TimeSpan LastWordsTime = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LeaveTime = TimeSpan.FromMilliseconds(250);

    private readonly MeshLink _link;
    private readonly JobStart _start;
    private readonly MemberIdentity _own;
    private readonly IReadOnlyDictionary<int, Peer> _peers;
    private readonly MeshRoutes _routes;
    private readonly MeshDialer _dialer;
    private readonly Action<MeshConnection, Frame> _take;
    private readonly HashSet<(int Rank, PeerState End)> _told = [];

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

    /// <summary>
    /// Its goodbye came over its own connection, the last that does. It has left at once where all that it said came that way; in the overlay what it sent to all came by other ways, and gets some time.
    /// </summary>
    public void HearGoodbye(Peer peer, DateTime now)
    {
        peer.Connection?.EndWith(new Frame(FrameKind.GoodbyeHeard, peer.Rank, 0, default), now + LastWordsTime);
        if (_routes.Overlay.IsAllPairs)
        {
            Leave(peer);
            return;
        }

        peer.Connection = null;
        LeaveLater(peer, now);
        TellEnd(peer, PeerState.Left, ""); // before the answer, or at least before a goodbye of this rank's own: from then on the others can know
        CloseGap(now);
    }

    /// <summary>It said goodbye.</summary>
    public void Leave(Peer peer)
    {
        if (peer.State is PeerState.Left or PeerState.Dead)
        {
            peer.LeavesAt = DateTime.MaxValue;
            return;
        }

        EndPeer(peer, PeerState.Left);
        _link.OnLeft(peer.Rank);
        TellEnd(peer, PeerState.Left, "");
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

        EndPeer(peer, PeerState.Dead);
        _link.OnDied(peer.Identity, how);
        if (_link.IsLeaving)
        {
            return; // who has answered this rank's goodbye may leave without one to it: that is for those to judge who stay
        }

        // Where all pairs are connected everybody sees a connection end; but only those on its host see the end of a process whose sockets somebody else still holds.
        if (!_routes.Overlay.IsAllPairs || (peer.IsGone && peer.Words is null))
        {
            TellEnd(peer, PeerState.Dead, how);
        }
    }

    /// <summary>Contact is lost, and it may live: it is told, if that gets through, and nothing more is taken from it.</summary>
    public void Suspect(Peer peer, string why)
    {
        if (!peer.IsLiving || peer.IsLeaving)
        {
            return;
        }

        MeshConnection? connection = peer.Connection;
        EndPeer(peer, PeerState.Suspected);
        connection?.GiveUp(new Frame(FrameKind.GivenUp, peer.Rank, 0, Encoding.UTF8.GetBytes(why)), DateTime.MaxValue);
        _link.OnUnreachable(peer.Identity, why);
        if (!_link.IsLeaving)
        {
            TellEnd(peer, PeerState.Suspected, why);
        }
    }

    /// <summary>
    /// There is no way to a peer, for a reason: it has left or died, most likely, and word of that is on its way or with a rank further on. So the gap is closed over it at once, and what it is judged by has time to come.
    /// </summary>
    public void NoWay(Peer peer, string reason, DateTime now)
    {
        LossJudge.NoWay(peer, reason, _routes.Overlay.IsAllPairs ? LossJudge.ProofTime : LossJudge.NewsTime, now);
        CloseGap(now);
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

        DateTime now = DateTime.UtcNow;
        _routes.Ended(peer.Rank, now);
        CloseGap(now);
    }

    private void CloseGap(DateTime now)
    {
        if (_own.Rank >= _start.WorldSize || _routes.Overlay.IsAllPairs)
        {
            return; // connected to all as it is
        }

        foreach (int beside in _routes.Overlay.Beside(other => other != _own.Rank && !_peers[other].IsThere))
        {
            _dialer.MakeDirect(_peers[beside], now);
        }
    }

    /// <summary>
    /// Another rank says that this one has left or is lost. In the overlay it is passed on, once, also where it is not believed: a suspicion counts for those only who can't see for themselves.
    /// </summary>
    /// <exception cref="CollectiveException">There is no such end.</exception>
    public void Hear(Peer peer, PeerState end, string how, DateTime now)
    {
        switch (end)
        {
            case PeerState.Dead:
                Judge.ProcessEnded(peer, how, now);
                break;
            case PeerState.Left when peer.Connection is null:
                LeaveLater(peer, now);
                TellEnd(peer, end, how);
                CloseGap(now);
                break;
            case PeerState.Suspected when !peer.IsDirect:
                Suspect(peer, how);
                break;
            case PeerState.Left or PeerState.Suspected:
                TellEnd(peer, end, how);
                break;
            default:
                throw new CollectiveException(Error.Protocol, $"an end of kind {end} was told that there is not");
        }
    }

    /// <summary>It said goodbye to others; what it sent before takes other ways than that word, and gets some time.</summary>
    public static void LeaveLater(Peer peer, DateTime now)
    {
        if (peer.State is not (PeerState.Left or PeerState.Dead))
        {
            peer.LeavesAt = now + LeaveTime < peer.LeavesAt ? now + LeaveTime : peer.LeavesAt;
        }
    }

    /// <summary>A new connection closes a gap in the overlay: what was told before it stood is told to it now.</summary>
    public void TellAll(Peer to)
    {
        if (_routes.Overlay.IsAllPairs)
        {
            return;
        }

        foreach (Peer ended in _peers.Values)
        {
            PeerState end = ended.IsLeaving ? PeerState.Left : ended.State;
            if (_told.Contains((ended.Rank, end)))
            {
                _routes.SendTo(to, InFrame(ended, end, ended.Words ?? ended.EndReason ?? "it was lost before"));
            }
        }
    }

    private static Frame InFrame(Peer peer, PeerState end, string how) => new(FrameKind.Lost, -1, ((ulong)end << 32) | (uint)peer.Rank, Encoding.UTF8.GetBytes(how));

    // News goes from neighbour to neighbour: who hears it for the first time tells all that it is connected to. So no dead rank keeps it from anybody, and each connection carries it once in each direction.
    private void TellEnd(Peer peer, PeerState end, string how)
    {
        if ((!_routes.Overlay.IsAllPairs || end == PeerState.Dead) && _told.Add((peer.Rank, end)))
        {
            _routes.SendToConnected(InFrame(peer, end, how));
        }
    }
}
