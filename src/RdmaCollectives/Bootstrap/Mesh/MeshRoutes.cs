namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>
/// Which way a frame goes: by the connection to its receiver, else through the rendezvous, else through other ranks. For the control thread alone.
/// </summary>
/// <param name="rank">This rank.</param>
/// <param name="worldSize">That of the start; ranks from there on are newcomers, and everybody's neighbours.</param>
/// <param name="peers">All other ranks.</param>
/// <param name="toRendezvous">Sends through the rendezvous; false when it is gone.</param>
/// <param name="overrun">A peer has left more unread than may wait for it.</param>
/// <param name="take">Takes a frame that came through others for this rank, with the rank that it comes from.</param>
/// <param name="clock">The time.</param>
internal sealed class MeshRoutes(
    int rank, int worldSize, IReadOnlyDictionary<int, Peer> peers, Func<Frame, bool> toRendezvous, Action<Peer> overrun, Action<int, Frame> take, Func<DateTime> clock)
{
    /// <summary>Frames that wait for a connection to be made; the same bound as for one that is not read.</summary>
    private const int MostWaiting = 100_000;

    private readonly Dictionary<int, SeenNumbers> _seenInTrees = [];
    private readonly Dictionary<int, SeenNumbers> _seenInFloods = [];
    private readonly Dictionary<int, Unicast> _unicasts = [];
    private ulong _trees;
    private ulong _floods;

    /// <summary>How the ranks of the start are connected.</summary>
    public Overlay Overlay { get; } = new(Math.Min(rank, worldSize - 1), worldSize);

    private bool IsInOverlay => rank < worldSize && !Overlay.IsAllPairs;

    private IEnumerable<int> Connected => peers.Values.Where(peer => peer is { IsThere: true, IsDirect: true } && peer.Rank < worldSize).Select(peer => peer.Rank);

    /// <summary>Sends to the rank that the frame names, or to all others of the start where it names -1. To one that has left or is lost it goes nowhere.</summary>
    public void Send(in Frame frame)
    {
        if (frame.Peer >= 0)
        {
            if (peers.TryGetValue(frame.Peer, out Peer? to))
            {
                SendInOrder(to, frame);
            }
        }
        else if (!IsInOverlay || frame.Kind == FrameKind.LeftScope) // a goodbye may not overtake what was sent before it to one rank, so it goes the same way
        {
            foreach (Peer peer in peers.Values)
            {
                if (peer.Rank < worldSize)
                {
                    SendInOrder(peer, frame);
                }
            }
        }
        else
        {
            PassDown(new Envelope(EnvelopeWay.Tree, rank, -1, ++_trees, frame));
        }
    }

    /// <summary>Sends to all ranks that this one is connected to.</summary>
    public void SendToConnected(in Frame frame)
    {
        foreach (Peer peer in peers.Values.Where(peer => peer is { IsLiving: true, IsDirect: true }).ToArray()) // sending may find one lost
        {
            SendTo(peer, frame);
        }
    }

    /// <summary>Sends to one rank, or all where it is -1, by every way there is; each gets it once.</summary>
    public void Flood(in Frame frame, int destination) => Spread(new Envelope(EnvelopeWay.Flood, rank, destination, ++_floods, frame), except: -1);

    /// <summary>An envelope came from a neighbour: it is for this rank, or goes on, or both.</summary>
    /// <exception cref="CollectiveException">No rank sends that.</exception>
    public void Take(int neighbour, in Frame routed)
    {
        Envelope envelope = Envelope.Read(routed.Payload.Span);
        if (!IsInOverlay || (uint)envelope.Origin >= (uint)worldSize || envelope.Destination < -1 || envelope.Destination >= worldSize)
        {
            throw new CollectiveException(Error.Protocol, $"an envelope from rank {envelope.Origin} for rank {envelope.Destination} has no way here");
        }

        bool isForMe = envelope.Origin != rank && (envelope.Destination == rank || envelope.Destination == -1);
        switch (envelope.Way)
        {
            case EnvelopeWay.Direct when !isForMe:
                PassOn(envelope);
                return;
            case EnvelopeWay.Tree when IsFirst(_seenInTrees, envelope):
                PassDown(envelope);
                break;
            case EnvelopeWay.Flood when IsFirst(_seenInFloods, envelope):
                Spread(envelope, except: neighbour);
                break;
            case EnvelopeWay.Direct when envelope.Number > 0:
                With(envelope.Origin).Came(envelope.Number, envelope.Frame, frame => take(envelope.Origin, frame));
                return;
            case EnvelopeWay.Direct when envelope.Frame.Kind == FrameKind.Received:
                With(envelope.Origin).Received(envelope.Frame.Key, clock());
                return;
            case EnvelopeWay.Direct:
                break;
            default:
                return; // it has come before
        }

        if (isForMe)
        {
            take(envelope.Origin, envelope.Frame);
        }
    }

    /// <summary>When <see cref="Look"/> has something to do next.</summary>
    public DateTime NextDeadline => _unicasts.Count == 0 ? DateTime.MaxValue : _unicasts.Values.Min(unicast => unicast.SendAgainAt);

    /// <summary>Sends again what is due, and says what has come.</summary>
    public void Look(DateTime now)
    {
        foreach ((int other, Unicast unicast) in _unicasts.ToArray()) // sending may find one lost
        {
            foreach ((ulong number, Frame frame) in unicast.TakeDue(now))
            {
                PassOn(new Envelope(EnvelopeWay.Direct, rank, other, number, frame));
            }

            if (unicast.IsAnswerDue)
            {
                unicast.IsAnswerDue = false;
                PassOn(new Envelope(EnvelopeWay.Direct, rank, other, 0, new Frame(FrameKind.Received, -1, unicast.Taken, default)));
            }
        }
    }

    /// <summary>A rank has left or is lost: what it was to get is not sent any more, and what it may have held for others goes another way.</summary>
    public void Ended(int who, DateTime now)
    {
        _unicasts.Remove(who);
        foreach (Unicast unicast in _unicasts.Values)
        {
            unicast.Hurry(now);
        }
    }

    /// <summary>There is a connection now: what waited for it goes.</summary>
    public void SendWaiting(Peer peer)
    {
        while (peer.Waiting.TryDequeue(out Frame frame))
        {
            SendTo(peer, frame);
        }
    }

    /// <summary>Sends to one rank by the connection to it, made or to be made; where there is to be none, through others.</summary>
    public void SendTo(Peer peer, in Frame frame)
    {
        if (!peer.IsLiving)
        {
            return;
        }

        if (peer.Connection is { } connection)
        {
            if (!connection.TrySend(frame))
            {
                overrun(peer);
            }
        }
        else if (peer.IsRelayed)
        {
            toRendezvous(frame with { Peer = peer.Rank });
        }
        else if (!peer.IsDirect)
        {
            SendThroughOthers(peer, frame);
        }
        else if (peer.Waiting.Count < MostWaiting)
        {
            peer.Waiting.Enqueue(frame);
        }
        else
        {
            overrun(peer);
        }
    }

    // What ranks' planes say to each other stays in order: what went through others is received before anything goes by a connection that was made since.
    private void SendInOrder(Peer peer, in Frame frame)
    {
        if (_unicasts.TryGetValue(peer.Rank, out Unicast? unicast) && unicast.UnreceivedCount > 0)
        {
            SendThroughOthers(peer, frame);
        }
        else
        {
            SendTo(peer, frame);
        }
    }

    private void SendThroughOthers(Peer peer, in Frame frame)
    {
        if (!peer.IsLiving)
        {
            return;
        }

        Unicast unicast = With(peer.Rank);
        if (unicast.UnreceivedCount >= MostWaiting)
        {
            overrun(peer);
            return;
        }

        PassOn(new Envelope(EnvelopeWay.Direct, rank, peer.Rank, unicast.Number(frame, clock()), frame));
    }

    private Unicast With(int other)
    {
        if (!_unicasts.TryGetValue(other, out Unicast? unicast))
        {
            _unicasts[other] = unicast = new Unicast();
        }

        return unicast;
    }

    private void SendTo(int to, in Frame frame)
    {
        if (peers.TryGetValue(to, out Peer? peer))
        {
            SendTo(peer, frame);
        }
    }

    // Towards its destination; where no neighbour is nearer, everywhere.
    private void PassOn(in Envelope envelope)
    {
        int hop = Overlay.NextHop(envelope.Destination, Connected);
        Frame frame = InFrame(envelope);
        if (hop >= 0)
        {
            SendTo(hop, frame);
        }
        else if (!toRendezvous(frame with { Peer = envelope.Destination }))
        {
            Flood(frame, envelope.Destination);
        }
    }

    private void PassDown(in Envelope envelope)
    {
        Frame frame = InFrame(envelope);
        foreach (int child in Overlay.Children(envelope.Origin))
        {
            if (peers[child].IsThere)
            {
                SendTo(child, frame);
                continue;
            }

            foreach (int below in Overlay.Below(child, envelope.Origin))
            {
                if (below != rank && peers[below].IsThere)
                {
                    SendTo(below, frame);
                }
            }
        }
    }

    private void Spread(in Envelope envelope, int except)
    {
        Frame frame = InFrame(envelope);
        foreach (int neighbour in Connected.ToArray()) // sending may find one lost
        {
            if (neighbour != except && neighbour != envelope.Origin)
            {
                SendTo(neighbour, frame);
            }
        }
    }

    private bool IsFirst(Dictionary<int, SeenNumbers> seen, in Envelope envelope)
    {
        if (envelope.Origin == rank)
        {
            return false; // our own came back
        }

        if (!seen.TryGetValue(envelope.Origin, out SeenNumbers? numbers))
        {
            seen[envelope.Origin] = numbers = new SeenNumbers();
        }

        return numbers.Add(envelope.Number);
    }

    private static Frame InFrame(in Envelope envelope) => new(FrameKind.Routed, -1, 0, envelope.Write());
}
