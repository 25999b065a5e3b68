using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Topology;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Planning;

/// <summary>
/// Sends and receives that move side by side: one lane per peer and direction. A set is filled once and run any number of times; cleared and filled again it allocates nothing more.
/// Under the progress token.
/// </summary>
internal sealed unsafe class TransferSet(int rank, int ranks, ConnectionTable connections, PairSequences sequences) : Work
{
    private readonly List<TransferLane> _lanes = []; // those in use come first
    private readonly List<Transfer> _pool = [];
    private readonly List<Transport> _transports = [];
    private readonly List<Connection> _sends = [];
    private int _laneCount;
    private int _used;

    public override ReadOnlySpan<Transport> Transports => CollectionsMarshal.AsSpan(_transports);

    public override ReadOnlySpan<Connection> SendConnections => CollectionsMarshal.AsSpan(_sends);

    public ReadOnlySpan<TransferLane> Lanes => CollectionsMarshal.AsSpan(_lanes)[.._laneCount];

    /// <summary>The rank that the last receive from any rank was served by, or -1.</summary>
    public int Source { get; private set; } = -1;

    /// <summary>Where a receive from any rank looks first, so that no rank is served before all others for ever.</summary>
    public int FirstLook { get; private set; }

    public int Ranks => ranks;

    public int Rank => rank;

    /// <summary>Bytes of all transfers.</summary>
    public ulong ByteCount { get; private set; }

    /// <summary>An empty one over the same connections.</summary>
    public TransferSet Another() => new(rank, ranks, connections, sequences);

    public void Clear()
    {
        ByteCount = 0;
        foreach (TransferLane lane in Lanes)
        {
            lane.Transfers.Clear();
        }

        _laneCount = 0;
        _used = 0;
        _transports.Clear();
        _sends.Clear();
    }

    /// <exception cref="ArgumentException">The ranks are not connected.</exception>
    public void AddSend(int peer, byte* from, ulong byteCount, uint hash)
    {
        Add(peer, isSend: true, from, byteCount, hash);
        if (peer != rank && !_sends.Contains(ConnectionTo(peer)))
        {
            _sends.Add(ConnectionTo(peer));
        }
    }

    /// <param name="peer">The sender, or <see cref="Transfer.Any"/>.</param>
    /// <param name="to">Where to.</param>
    /// <param name="byteCount">How much; the sender sends as much.</param>
    /// <param name="hash">Names type and element count.</param>
    /// <exception cref="ArgumentException">The ranks are not connected.</exception>
    public void AddReceive(int peer, byte* to, ulong byteCount, uint hash) => Add(peer, isSend: false, to, byteCount, hash);

    /// <summary>The same transfers, of which there is one in each direction at most, from and to other memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Readdress(byte* from, byte* to)
    {
        foreach (TransferLane lane in Lanes)
        {
            lane.Transfers[0].Address = lane.IsSend ? from : to;
        }
    }

    /// <summary>A receive from any rank takes what <paramref name="peer"/> sends; the number of that transfer.</summary>
    public uint Bound(int peer)
    {
        Source = peer;
        FirstLook = (peer + 1) % ranks;
        return sequences.NextReceived(peer);
    }

    /// <summary>Makes the set ready to run from its beginning: holds registered memory, and numbers the transfers of each pair. Where it throws nothing is held or numbered.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Begin(RegistrationTable registrations)
    {
        Hold(registrations);
        Source = -1;
        foreach (TransferLane lane in Lanes)
        {
            lane.Restart();
            bool isRemote = lane.Peer >= 0 && lane.Peer != rank;
            foreach (Transfer transfer in lane.Transfers)
            {
                transfer.Restart(isRemote ? ConnectionTo(lane.Peer) : null, !isRemote ? 0 : lane.IsSend ? sequences.NextSent(lane.Peer) : sequences.NextReceived(lane.Peer));
            }
        }

        CopyToSelf();
    }

    /// <summary>The run is over: its registered memory may go.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void End()
    {
        foreach (TransferLane lane in Lanes)
        {
            foreach (Transfer transfer in lane.Transfers)
            {
                transfer.Registration?.Uses.Release();
                transfer.Registration = null;
            }
        }
    }

    /// <summary>Whether something is still to be received from a rank by name: then a receive from any rank leaves that rank's messages alone.</summary>
    public bool IsNamed(int peer)
    {
        foreach (TransferLane lane in Lanes)
        {
            if (!lane.IsSend && lane.Peer == peer && lane.Current is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What has gone over all connections of this rank so far.</summary>
    public MessageCount[] CountMessages() => connections.CountMessages();

    /// <summary>The connection to another rank, or null.</summary>
    public Connection? TryConnectionTo(int peer) => connections.TryGet(peer, 0);

    protected override void AddAwaited(List<Connection> connections)
    {
        foreach (TransferLane lane in Lanes)
        {
            if (lane.Current is { Connection: { } connection })
            {
                connections.Add(connection);
            }
        }
    }

    protected override unsafe void AddAwaited(List<AwaitedMessage> awaited)
    {
        for (int i = 0; i < Lanes.Length; i++)
        {
            if (Lanes[i].Current is not { } transfer)
            {
                continue;
            }

            if (transfer.Connection is { } connection)
            {
                awaited.Add(Await(i, Lanes[i].IsSend ? AwaitKind.Credit : AwaitKind.Receive, connection));
                continue;
            }

            for (int peer = 0; peer < ranks; peer++)
            {
                if (TryConnectionTo(peer) is { } candidate && !IsNamed(peer))
                {
                    awaited.Add(Await(i, candidate.TryReceive(out _, out _) ? AwaitKind.Behind : AwaitKind.Receive, candidate));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Hold(RegistrationTable registrations)
    {
        try
        {
            foreach (TransferLane lane in Lanes)
            {
                foreach (Transfer transfer in lane.Transfers)
                {
                    transfer.Registration = registrations.Hold(transfer.Address, (nuint)transfer.ByteCount);
                }
            }
        }
        catch
        {
            End();
            throw;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(int peer, bool isSend, byte* address, ulong byteCount, uint hash)
    {
        if (_used == _pool.Count)
        {
            _pool.Add(new Transfer());
        }

        ByteCount += byteCount;
        Transfer transfer = _pool[_used++];
        transfer.Peer = peer;
        transfer.Address = address;
        transfer.ByteCount = byteCount;
        transfer.Hash = hash;
        LaneOf(peer, isSend).Transfers.Add(transfer);
        if (peer != Transfer.Any)
        {
            AddTransportTo(peer);
            return;
        }

        for (int other = 0; other < ranks; other++)
        {
            AddTransportTo(other);
        }
    }

    private void AddTransportTo(int peer)
    {
        if (connections.TransportTo(peer) is { } transport && !_transports.Contains(transport))
        {
            _transports.Add(transport);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TransferLane LaneOf(int peer, bool isSend)
    {
        for (int i = 0; i < _lanes.Count; i++)
        {
            TransferLane lane = _lanes[i];
            if (lane.Peer == peer && lane.IsSend == isSend)
            {
                if (i >= _laneCount)
                {
                    (_lanes[i], _lanes[_laneCount]) = (_lanes[_laneCount], lane);
                    _laneCount++;
                }

                return lane;
            }
        }

        _lanes.Insert(_laneCount, new TransferLane(peer, isSend));
        return _lanes[_laneCount++];
    }

    // What a rank sends to itself is there at once: its sends and receives with itself are paired in their order, and the face has seen to it that they fit.
    private void CopyToSelf()
    {
        TransferLane? sends = LaneWithSelf(isSend: true);
        TransferLane? receives = LaneWithSelf(isSend: false);
        while (sends?.Current is { } from && receives?.Current is { } to)
        {
            Buffer.MemoryCopy(from.Address, to.Address, to.ByteCount, from.ByteCount);
            sends.Advance();
            receives.Advance();
        }
    }

    private TransferLane? LaneWithSelf(bool isSend)
    {
        foreach (TransferLane lane in Lanes)
        {
            if (lane.Peer == rank && lane.IsSend == isSend)
            {
                return lane;
            }
        }

        return null;
    }

    private Connection ConnectionTo(int peer) => connections.TryGet(peer, 0) ?? throw new ArgumentException(
        $"Ranks {rank} and {peer} are not connected: in worlds of more than {ConnectionTable.FullMeshRankLimit} ranks only neighbours and ranks a power of two apart are. Split the communicator, or send through a rank between.", nameof(peer));
}
