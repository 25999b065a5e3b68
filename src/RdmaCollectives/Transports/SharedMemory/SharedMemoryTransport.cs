using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Memory;
using RdmaCollectives.Memory.Interop;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>
/// Ranks of one host, in one process or many, over memory that both have mapped (docs/adr/0002-shared-memory.md). Nothing here can tell that a peer has died:
/// that is the control plane's word.
/// </summary>
internal sealed unsafe partial class SharedMemoryTransport : Transport, IFutexSleeper
{
    private readonly SegmentKind _kind;
    private readonly ILogger _logger;
    private readonly RankSegment _ownSegment;
    private readonly WakePipe _ownPipe;
    private readonly Doorbell<MachineMemory> _ownDoorbell;
    private readonly PeerRank?[] _peers;
    private readonly List<SharedMemoryConnection> _connections = [];
    private readonly List<SharedSegment> _segments = [];

    // Guards what threads other than the token's holder come for: waking, fencing, registering, and the end of all of these.
    private readonly Lock _lifetime = new();
    private PeerRank[] _connectedPeers = [];
    private ulong _lastGeneration;
    private bool _sleptInFutex;
    private bool _isFenced;
    private bool _isDisposed;

    /// <param name="context">Sizes and place.</param>
    /// <param name="kind">How peers open segments; null for the best that this process can do.</param>
    /// <exception cref="CollectiveException">The system refused.</exception>
    public SharedMemoryTransport(TransportContext context, SegmentKind? kind = null)
        : base(context)
    {
        _kind = kind ?? SharedSegment.SupportedKind;
        _logger = context.LoggerFactory.CreateLogger<SharedMemoryTransport>();
        _peers = new PeerRank?[context.WorldSize];
        if (_kind == SegmentKind.Named)
        {
            NamedSegment.RequireRoom(SharedBytesOfTheHost(context)); // now, while another transport can be taken
        }

        _ownSegment = RankSegment.Create(_kind);
        try
        {
            _ownPipe = WakePipe.Create(_kind);
        }
        catch
        {
            _ownSegment.Dispose();
            throw;
        }

        RandomNumberGenerator.Fill(_ownSegment.Nonce);
        _ownDoorbell = new Doorbell<MachineMemory>(_ownSegment.DoorbellWord, _ownPipe.WriteDescriptor);
    }

    // What the connections of this communicator between ranks of this host take, each in both directions.
    private static long SharedBytesOfTheHost(TransportContext context) =>
        context.ChannelsOfLocalPairs.Where(channels => channels > 0).Sum(channels => 2 * new OutboxLayout(channels, context.SlotBytes, context.SlotCount).ByteCount);

    public override string Name => TransportIndex.NameOf(TransportIndex.SharedMemory);

    public override string Description =>
        $"{(_kind == SegmentKind.Memfd ? "memfd through /proc" : $"named segments in {NamedSegment.DefaultDirectory}")}, host {HostId}, {Context.SlotCount} slots of {Context.SlotBytes} bytes";

    public override int SleepDescriptor => _ownPipe.ReadDescriptor;

    private string HostId => HostIdentity.Of(Context.Options);

    // ---- Set-up ----

    public override byte[] Describe() =>
        new RankDescription(HostId, HostIdentity.PidNamespace, _ownSegment.Location, _ownPipe.Location, _ownSegment.Nonce.ToArray()).ToBytes();

    public override string? WhyNotReachable(int peer, ReadOnlySpan<byte> description)
    {
        if (RankDescription.Read(description) is not { } said)
        {
            return $"what rank {peer} says of its shared memory can't be understood: run the same version on all ranks";
        }

        if (!string.Equals(said.HostId, HostId, StringComparison.Ordinal))
        {
            return $"rank {peer} is on another host ({said.HostId}, this one is {HostId})";
        }

        // The numbers of processes mean something in their own namespace only: 1 is everywhere. A named segment needs none.
        if (said.Segment.Kind == SegmentKind.Memfd && !string.Equals(said.PidNamespace, HostIdentity.PidNamespace, StringComparison.Ordinal))
        {
            return $"rank {peer} is on this host, but in another PID namespace ({said.PidNamespace}, this one is {HostIdentity.PidNamespace}): start the containers with a shared one (--pid=host, shareProcessNamespace)";
        }

        if (PeerRank.TryReach(peer, said, out string? whyNot) is not { } reached)
        {
            return $"rank {peer} is on this host, but {whyNot}";
        }

        _peers[peer]?.Dispose();
        _peers[peer] = reached;
        return null;
    }

    public override PendingConnection BeginConnect(int peer, int channelCount)
    {
        PeerRank reached = _peers[peer] ?? throw new InvalidOperationException($"Rank {peer} was not found reachable over shared memory.");
        return new SharedMemoryPendingConnection(this, reached, new OutboxLayout(channelCount, Context.SlotBytes, Context.SlotCount), _kind);
    }

    /// <summary>Gives the buffer a place in the table, by which lines name it. Null, and the buffer is copied through slots, for memory that is not shared or when all places are taken.</summary>
    public override IDisposable? Register(MemoryRegistration registration)
    {
        if (registration.SharedDescriptor < 0 || _kind != SegmentKind.Memfd)
        {
            return null;
        }

        lock (_lifetime)
        {
            int index = _isDisposed ? -1 : _ownSegment.Generations.IndexOf(0UL);
            if (index < 0)
            {
                return null;
            }

            ulong generation = ++_lastGeneration;
            _ownSegment.Generations[index] = generation;
            long byteCount = Libc.lseek(registration.SharedDescriptor, 0, Libc.SEEK_END);
            return new RegistrationKey(this, index, generation, registration.SharedDescriptor, byteCount, registration.Address);
        }
    }

    internal void Unregister(int index)
    {
        lock (_lifetime)
        {
            if (!_isDisposed)
            {
                Volatile.Write(ref _ownSegment.Generations[index], 0);
                Volatile.Write(ref _ownSegment.ChangeCount, _ownSegment.ChangeCount + 1);
            }
        }
    }

    internal void TakeOver(SharedSegment outbox, SharedSegment inbox, SharedMemoryConnection[] connections)
    {
        lock (_lifetime)
        {
            _segments.Add(outbox);
            _segments.Add(inbox);
            _connections.AddRange(connections);
            _connectedPeers = [.. _peers.OfType<PeerRank>()];
            if (_isFenced)
            {
                Fence();
            }
        }
    }

    /// <summary>No rank looks for this one by name any more: all judged each other before the first connection was begun.</summary>
    internal void UnlinkNames()
    {
        _ownSegment.Unlink();
        _ownPipe.Unlink();
    }

    // ---- Run time ----

    /// <summary>Messages move by themselves; what is left is to unmap buffers that peers have disposed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Progress()
    {
        foreach (PeerRank peer in _connectedPeers)
        {
            peer.Mappings.Sweep();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Glance()
    {
        foreach (PeerRank peer in _connectedPeers)
        {
            peer.Glance();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Settle()
    {
        foreach (PeerRank peer in _connectedPeers)
        {
            peer.Settle();
        }
    }

    public override bool PrepareSleep()
    {
        _sleptInFutex = false;
        _ownDoorbell.Arm();
        return true;
    }

    /// <summary>
    /// Sleeps between <see cref="PrepareSleep"/> and <see cref="EndSleep"/> without <see cref="SleepDescriptor"/>, where nothing but shared memory can wake this rank: cheaper than poll.
    /// False when it was rung before it slept. Woken by a peer, by <see cref="WakeSelf"/>, by the time, or by a signal.
    /// </summary>
    public bool FutexSleep(TimeSpan max)
    {
        _sleptInFutex = true;
        return _ownDoorbell.SleepInFutex(max);
    }

    public override void EndSleep()
    {
        _ownDoorbell.Disarm();
        if (!_sleptInFutex)
        {
            _ownPipe.Drain();
        }
    }

    /// <summary>Wakes this rank's own sleeper, in poll or futex. From any thread, such as one that has just set the fault flag.</summary>
    public void WakeSelf()
    {
        lock (_lifetime)
        {
            if (!_isDisposed)
            {
                _ownDoorbell.Ring();
            }
        }
    }

    /// <summary>
    /// Kills every connection. Peers write to none of this rank's memory but an output that is open to them, and there no more when this returns (<see cref="CloseOutput"/>).
    /// One that stands still in the middle of pulling may read on, from pages that its mapping keeps alive; the word that is set here tells it that they may have changed, and it looks at that word after
    /// the last byte and before it uses any of them (<see cref="Connection.IsTorn"/>).
    /// </summary>
    public override void Fence()
    {
        lock (_lifetime)
        {
            if (_isDisposed)
            {
                return; // fenced by Dispose, and unmapped
            }

            _isFenced = true;
            foreach (SharedMemoryConnection connection in _connections)
            {
                connection.Kill();
            }

            // The words are out before the caller can change a byte, and before the look at who stores. Partners: SharedMemoryConnection.HasPeerFenced, OutputWindow.TryEnter.
            Interlocked.MemoryBarrier();
            CloseOutput();
        }
    }

    internal void Fail(TransportFailure failure) => Failure ??= failure;

    public override void Dispose()
    {
        lock (_lifetime)
        {
            if (_isDisposed)
            {
                return;
            }

            Fence();
            _isDisposed = true;
            _connectedPeers = [];
            foreach (SharedSegment segment in _segments)
            {
                segment.Dispose();
            }

            foreach (PeerRank? peer in _peers)
            {
                peer?.Dispose();
            }

            _ownPipe.Dispose();
            _ownSegment.Dispose();
        }
    }
}
