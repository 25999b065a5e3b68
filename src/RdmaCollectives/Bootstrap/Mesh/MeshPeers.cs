using System.Text;
using Microsoft.Extensions.Logging;

namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>
/// What this rank knows of the others, and what it does about it: whom to connect to, whom to watch, what frames between ranks mean, who is lost. For the control thread alone; the sockets are polled by the <see cref="MeshLoop"/>.
/// </summary>
internal sealed class MeshPeers
{
    private readonly MeshLink _link;
    private readonly JobStart _start;
    private readonly RendezvousSide _rendezvous;
    private readonly MeshRoutes _routes;
    private readonly MeshDialer _dialer;
    private readonly SortedDictionary<int, Peer> _peers = [];
    private bool _saidGoodbye;
    private bool _heardByOneWhoStays;
    private readonly PeerEnds _ends;

    public MeshPeers(MeshLink link, JobStart start, RendezvousSide rendezvous, List<MeshConnection> connections, ResolvedOptions options, ILogger logger)
    {
        _link = link;
        _start = start;
        _rendezvous = rendezvous;
        Own = start.Own;
        foreach (MemberIdentity member in start.Members)
        {
            if (member.Rank != Own.Rank)
            {
                _peers.Add(member.Rank, new Peer(member));
            }
        }

        _routes = new MeshRoutes(Own.Rank, start.WorldSize, _peers, frame => rendezvous.Send(frame), Overrun, TakeFromRank, () => DateTime.UtcNow);
        _dialer = new MeshDialer(start, rendezvous, connections, options, logger, Reach, (peer, why, now) => _ends!.NoWay(peer, why, now));
        _ends = new PeerEnds(link, start, _peers, _routes, _dialer, Take);
        Members = start.Members;
    }

    public MemberIdentity Own { get; }

    public IEnumerable<Peer> All => _peers.Values;

    /// <summary>By rank; replaced as newcomers come. May be read by any thread.</summary>
    public IReadOnlyList<MemberIdentity> Members { get; private set; }

    /// <summary>Connects and watches; to be called once, when the control thread begins.</summary>
    public void Begin(DateTime now)
    {
        foreach (Peer peer in _peers.Values)
        {
            if (Own.Rank >= _start.WorldSize || peer.Rank >= _start.WorldSize || _routes.Overlay.IsNeighbour(peer.Rank))
            {
                _dialer.MakeDirect(peer, now);
            }
        }

        foreach (Peer watched in HostWatch.Choose(Own, _peers.Values.Where(peer => peer.IsDirect)))
        {
            Watch(watched, now);
        }
    }

    /// <summary>Sends a frame of one of this rank's planes.</summary>
    public void Send(in Frame frame) => _routes.Send(frame);

    /// <summary>Tells all that this process leaves.</summary>
    public void SayGoodbye()
    {
        _saidGoodbye = true;
        var goodbye = new Frame(FrameKind.Goodbye, -1, 0, default);
        foreach (Peer peer in _peers.Values.ToArray())
        {
            if (peer is { IsDirect: true, IsRelayed: false })
            {
                _routes.SendTo(peer, goodbye); // they tell those behind them
            }
        }

        _rendezvous.Send(goodbye); // which tells those that it stands between
    }

    /// <summary>Nobody is left whose answer to the goodbye is missing.</summary>
    public bool IsGoodbyeHeard => _peers.Values.All(peer => peer.Connection is null || peer.HeardGoodbye || !peer.IsLiving);

    /// <summary>
    /// Those that this rank is not connected to hear of its goodbye from others, who may leave as well: it is safe with one that had not said goodbye itself, as that one tells its neighbours before it does, and so on.
    /// Or with the rendezvous, or where nobody is left.
    /// </summary>
    public bool IsGoodbyePassedOn => _routes.Overlay.IsAllPairs || Own.Rank >= _start.WorldSize || _heardByOneWhoStays || !_peers.Values.Any(peer => peer.IsThere && peer.Rank < _start.WorldSize);

    public bool HasLeft(int rank) => _peers.TryGetValue(rank, out Peer? peer) && peer.State == PeerState.Left;

    // ---- Connections ----

    /// <summary>A frame came over a confirmed connection.</summary>
    public void Take(MeshConnection connection, Frame frame)
    {
        Served(connection, DateTime.UtcNow); // the first frame may come with the confirmation
        if (!connection.IsEnded)
        {
            TakeFromRank(connection.PeerRank, frame);
        }
    }

    /// <summary>A connection has been served: one that was just confirmed is the peer's from now on.</summary>
    public void Served(MeshConnection connection, DateTime now)
    {
        if (connection.IsEnded || !connection.IsConfirmed)
        {
            return;
        }

        if (connection.PeerRank < 0)
        {
            Introduce(connection, now);
        }
        else if (connection is { IsClient: true, IsClosing: false } && _peers[connection.PeerRank] is var peer && peer.Connection != connection)
        {
            if (peer.IsAwaited)
            {
                _dialer.Link(peer, connection);
            }
            else
            {
                connection.Refuse("it came too late", now);
            }
        }
    }

    /// <summary>A connection has ended, and is about to be closed.</summary>
    public void Ended(MeshConnection connection, DateTime now)
    {
        if (connection.PeerRank < 0 || !_peers.TryGetValue(connection.PeerRank, out Peer? peer))
        {
            return;
        }

        if (peer.Connection == connection)
        {
            peer.Connection = null;
            if (peer.HeardGoodbye)
            {
                peer.EndReason = "it has answered this rank's goodbye"; // and ended the connection thereby
            }
            else
            {
                _ends.Judge.ConnectionEnded(peer, connection.EndReason!, connection.WasClosedThere, now);
            }
        }
        else if (connection.IsClient && peer.IsAwaited)
        {
            _dialer.Relay(peer, connection.EndReason!, now);
        }
    }

    /// <summary>The process of a watched peer has ended.</summary>
    public void ProcessEnded(Peer peer, DateTime now)
    {
        peer.Watch?.Dispose();
        peer.Watch = null;
        _ends.Judge.ProcessEnded(peer, null, now);
    }

    /// <summary>Does what is due.</summary>
    public void Look(DateTime now)
    {
        foreach (Peer peer in _peers.Values.ToArray())
        {
            if (peer.LeavesAt <= now)
            {
                _ends.Leave(peer);
            }

            if (peer.IsAwaited && RelayedAt(peer) <= now)
            {
                _dialer.Relay(peer, "no connection was made in time", now);
            }

            _ends.Judge.Look(peer, now);
        }

        _routes.Look(now);
    }

    public DateTime NextDeadline
    {
        get
        {
            DateTime next = _routes.NextDeadline;
            foreach (Peer peer in _peers.Values)
            {
                next = peer.JudgeAt < next ? peer.JudgeAt : next;
                next = peer.LeavesAt < next ? peer.LeavesAt : next;
                next = peer.IsAwaited && RelayedAt(peer) < next ? RelayedAt(peer) : next;
            }

            return next;
        }
    }

    private DateTime RelayedAt(Peer peer) => peer.ConnectBy == DateTime.MaxValue ? DateTime.MaxValue : peer.ConnectBy + (_dialer.IsConnector(peer) ? TimeSpan.Zero : MeshLoop.AcceptGrace);

    // ---- The rendezvous ----

    /// <summary>A frame came from the rendezvous: its own, or one that it passes on.</summary>
    /// <exception cref="CollectiveException">It makes no sense.</exception>
    public void TakeFromRendezvous(Frame frame)
    {
        DateTime now = DateTime.UtcNow;
        switch (frame.Kind)
        {
            case FrameKind.GoodbyeHeard:
                _rendezvous.End("this rank has left");
                break;
            case FrameKind.Left when _peers.TryGetValue(frame.Peer, out Peer? leaver):
                if (leaver.Connection is null)
                {
                    PeerEnds.LeaveLater(leaver, now);
                }

                break;
            case FrameKind.Gone when _peers.TryGetValue((int)(uint)frame.Key, out Peer? gone):
                string words = Encoding.UTF8.GetString(frame.Payload.Span);
                if (frame.Key >> 32 != 0)
                {
                    _ends.Judge.ProcessEnded(gone, words, now);
                }
                else if (gone.IsRelayed || gone.IsAwaited)
                {
                    _ends.Judge.ConnectionEnded(gone, words, wasClosedThere: true, now);
                }

                break;
            case FrameKind.Newcomer when MemberIdentity.TryRead(frame.Payload.Span) is { } newcomer:
                Meet(newcomer, now);
                break;
            case FrameKind.Left or FrameKind.Gone or FrameKind.Refused:
                break; // of one that this rank never knew
            case var kind when kind.IsBetweenRanks():
                TakeFromRank(frame.Peer, frame);
                break;
            default:
                throw new CollectiveException(Error.Protocol, $"A frame of kind {frame.Kind} came from the rendezvous that this version does not understand.");
        }
    }

    /// <summary>The rendezvous is gone: nothing changes but for pairs that it stands between.</summary>
    public void RendezvousEnded(string how, DateTime now)
    {
        _ends.Judge.ExpectsWords = false;
        foreach (Peer peer in _peers.Values.ToArray())
        {
            if (peer.IsRelayed && peer.IsLiving && !peer.IsLeaving && !_link.IsLeaving)
            {
                _ends.NoWay(peer, $"its frames went through the rendezvous, and that is gone: {how}", now);
            }
        }
    }

    // ---- What ranks say ----

    private void TakeFromRank(int from, Frame frame)
    {
        if (!_peers.TryGetValue(from, out Peer? peer) || !peer.IsLiving)
        {
            return; // it has left, or was given up: nothing more is taken from it
        }

        DateTime now = DateTime.UtcNow;
        switch (frame.Kind)
        {
            case FrameKind.Goodbye:
                _ends.HearGoodbye(peer, now);
                break;
            case FrameKind.GoodbyeHeard:
                peer.HeardGoodbye = true;
                _heardByOneWhoStays = true; // its own goodbye would have come before
                break;
            case FrameKind.Relayed:
                peer.IsRelayed = peer.Connection is null;
                _routes.SendWaiting(peer);
                break;
            case FrameKind.GivenUp:
                _ends.Suspect(peer, $"it has given this rank up, because {Encoding.UTF8.GetString(frame.Payload.Span)}");
                break;
            case FrameKind.Lost when _peers.TryGetValue((int)(uint)frame.Key, out Peer? lost):
                _ends.Hear(lost, (PeerState)(frame.Key >> 32), Encoding.UTF8.GetString(frame.Payload.Span), now);
                break;
            case FrameKind.Lost:
                break;
            case FrameKind.Routed:
                _routes.Take(from, frame);
                break;
            default:
                _link.OnFrame(from, frame);
                break;
        }
    }

    // ---- Newcomers ----

    private void Meet(MemberIdentity newcomer, DateTime now)
    {
        if (newcomer.Rank < _start.WorldSize || newcomer.Rank == Own.Rank || _peers.ContainsKey(newcomer.Rank))
        {
            return;
        }

        var peer = new Peer(newcomer);
        _peers.Add(newcomer.Rank, peer);
        Members = [.. Members, newcomer];
        Watch(peer, now);
        _dialer.MakeDirect(peer, now);
    }

    private void Introduce(MeshConnection connection, DateTime now)
    {
        MemberIdentity who = connection.Introduced!;
        Meet(who with { Who = who.Who with { JobId = "" } }, now); // a newcomer's connection may be faster than the rendezvous' word of it
        bool isKnown = _peers.TryGetValue(who.Rank, out Peer? peer) && peer.Identity.Who.ProcessId == who.Who.ProcessId;
        if (isKnown && peer is { IsLiving: true, Connection: null } && (peer.EndReason is null || peer.IsUnproven))
        {
            _dialer.Link(peer, connection);
        }
        else if (isKnown && peer!.State == PeerState.Left)
        {
            connection.EndWith(new Frame(_saidGoodbye ? FrameKind.Goodbye : FrameKind.GoodbyeHeard, peer.Rank, 0, default), now + PeerEnds.LastWordsTime); // it looks for somebody who hears that
        }
        else
        {
            connection.Refuse("it is not expected", now);
        }
    }

    private void Reach(Peer peer)
    {
        _routes.SendWaiting(peer);
        _ends.TellAll(peer);
        if (_saidGoodbye)
        {
            _routes.SendTo(peer, new Frame(FrameKind.Goodbye, -1, 0, default)); // it came too late to hear the one to all
        }

        if (peer.Rank >= _start.WorldSize)
        {
            _link.OnNewcomer(peer.Rank);
        }
    }

    private void Watch(Peer peer, DateTime now)
    {
        peer.Watch = ProcessWatch.TryOpen(peer.Identity, Own.Origin, out bool hasEnded);
        if (hasEnded)
        {
            _ends.Judge.ProcessEnded(peer, null, now);
        }
    }

    private void Overrun(Peer peer) => _ends.Suspect(peer, $"it left more than {MeshConnection.MaxQueuedBytes >> 20} MiB of control frames unread");
}
