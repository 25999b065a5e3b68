using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Bootstrap.Interop;

namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>
/// The control thread: sleeps in poll(2) over the listener, the connections to other ranks and to the rendezvous, and the descriptors of processes of this host; moves bytes, and hands what they say to the
/// <see cref="MeshPeers"/>. Nothing here waits for anybody. Everything below it runs on this thread alone and needs no lock; only the wake and the two flags come from others.
/// </summary>
internal sealed unsafe class MeshLoop
{
    /// <summary>How long a connection to another rank may take before the pair is relayed.</summary>
    public static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(10);

    /// <summary>Who waits for a connection waits longer than who makes it, and is mostly told.</summary>
    public static readonly TimeSpan AcceptGrace = TimeSpan.FromSeconds(5);

    private const int First = 3; // where the connections begin in what is polled
    private const int SpareUnproved = 64;
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly MeshLink _link;
    private readonly JobStart _start;
    private readonly RendezvousSide _rendezvous;
    private readonly Socket? _listener;
    private readonly MeshPeers _peers;
    private readonly List<MeshConnection> _connections = [];
    private readonly List<Peer> _watched = [];
    private readonly WakeEvent _wake = new();
    private Libc.pollfd[] _polled = new Libc.pollfd[16];
    private DateTime _acceptAgain;
    private bool _rendezvousEnded;
    private bool _isStarted;
    private bool _saidGoodbye;
    private volatile bool _sayGoodbye;
    private volatile bool _stop;

    public MeshLoop(MeshLink link, JobStart start, RendezvousSide rendezvous, Socket? listener, ResolvedOptions options, ILogger logger)
    {
        _link = link;
        _start = start;
        _rendezvous = rendezvous;
        _listener = listener;
        _peers = new MeshPeers(link, start, rendezvous, _connections, options, logger);
    }

    public IReadOnlyList<MemberIdentity> Members => _peers.Members;

    /// <summary>Ranks that this one is not connected to yet. For a message: read beside the thread, so it may be a little old.</summary>
    public IReadOnlyList<int> Awaited => [.. _peers.All.Where(peer => peer.IsAwaited).Select(peer => peer.Rank)];

    // ---- Any thread ----

    public void Wake() => _wake.Set();

    public void SayGoodbye()
    {
        _sayGoodbye = true;
        _wake.Set();
    }

    public void Stop()
    {
        _stop = true;
        _wake.Set();
    }

    // ---- The control thread ----

    public void Run()
    {
        Exception? failure = null;
        try
        {
            _peers.Begin(DateTime.UtcNow);
            ServeRendezvous(); // what came behind the start is read already
            SayWhatIsDone();
            while (!_stop)
            {
                Turn();
            }

            SendWhatIsQueued(); // a goodbye too for which this thread had no time before it was told to stop
            SayGoodbyeToUnfinished();
        }
        catch (Exception e)
        {
            failure = e; // of any kind: nothing may end the control thread unnoticed
        }

        _link.OnEnded(failure);
        foreach (MeshConnection connection in _connections)
        {
            if (_saidGoodbye)
            {
                connection.ReadOut();
            }

            connection.Dispose();
        }

        foreach (Peer peer in _peers.All)
        {
            peer.Watch?.Dispose();
        }

        _listener?.Dispose();
        _rendezvous.Dispose();
        _wake.Dispose();
    }

    // Who connects takes a connection for this rank's as soon as its proof was answered, which may be a moment before this end hears of it: its end without a goodbye would be a death.
    private void SayGoodbyeToUnfinished()
    {
        foreach (MeshConnection connection in _connections)
        {
            if (_saidGoodbye && connection is { MayBeTaken: true, IsConfirmed: false })
            {
                connection.TrySend(new Frame(FrameKind.Goodbye, -1, 0, default));
                connection.Flush();
            }
        }
    }

    private void Turn()
    {
        int count = FillPolled(out int firstWatched);
        fixed (Libc.pollfd* polled = _polled)
        {
            int ready = Libc.poll(polled, (nuint)count, SleepMilliseconds(DateTime.UtcNow));
            if (ready < 0 && Marshal.GetLastPInvokeError() != Libc.EINTR)
            {
                int errno = Marshal.GetLastPInvokeError();
                throw new CollectiveException(Error.Resource, $"poll failed: {Marshal.GetPInvokeErrorMessage(errno)}.", nativeError: errno);
            }
        }

        if (_polled[0].revents != 0)
        {
            _wake.Clear();
        }

        DateTime now = DateTime.UtcNow;
        for (int i = First; i < firstWatched; i++)
        {
            if (_polled[i].revents != 0)
            {
                Serve(_connections[i - First], now);
            }
        }

        if (_polled[1].revents != 0)
        {
            ServeRendezvous();
        }

        for (int i = firstWatched; i < count; i++)
        {
            if (_polled[i].revents != 0)
            {
                _peers.ProcessEnded(_watched[i - firstWatched], now);
            }
        }

        if (_polled[2].revents != 0)
        {
            Accept(now);
        }

        CloseEnded(now);
        _peers.Look(now);
        SendWhatIsQueued();
        SayWhatIsDone();
    }

    private int FillPolled(out int firstWatched)
    {
        _watched.Clear();
        _watched.AddRange(_peers.All.Where(peer => peer.Watch is not null));
        int count = First + _connections.Count + _watched.Count;
        if (_polled.Length < count)
        {
            _polled = new Libc.pollfd[2 * count];
        }

        int unproved = _connections.Count(c => !c.IsConfirmed && !c.IsClient);
        bool accepting = _listener is not null && unproved < SpareUnproved + _start.WorldSize && DateTime.UtcNow >= _acceptAgain;
        _polled[0] = Polled(_wake.Descriptor, Libc.POLLIN);
        _polled[1] = Polled(_rendezvous.IsOpen ? Descriptor(_rendezvous.Stream.Socket) : -1, _rendezvous.Events); // poll(2) passes over negative descriptors
        _polled[2] = Polled(accepting ? Descriptor(_listener!) : -1, Libc.POLLIN);
        firstWatched = First + _connections.Count;
        for (int i = 0; i < _connections.Count; i++)
        {
            _polled[First + i] = Polled(Descriptor(_connections[i].Socket), _connections[i].Events);
        }

        for (int i = 0; i < _watched.Count; i++)
        {
            _polled[firstWatched + i] = Polled(_watched[i].Watch!.Descriptor, Libc.POLLIN);
        }

        return count;
    }

    private static Libc.pollfd Polled(int descriptor, short events) => new() { fd = descriptor, events = events };

    private static int Descriptor(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle(); // only this thread closes it

    private int SleepMilliseconds(DateTime now)
    {
        DateTime next = _peers.NextDeadline;
        bool hasEnded = false;
        foreach (MeshConnection connection in _connections)
        {
            next = connection.Deadline < next ? connection.Deadline : next;
            hasEnded |= connection.IsEnded;
        }

        next = _acceptAgain > now && _acceptAgain < next ? _acceptAgain : next;
        return hasEnded ? 0 : next == DateTime.MaxValue ? -1 : (int)Math.Clamp((next - now).TotalMilliseconds + 1, 0, int.MaxValue);
    }

    private void Serve(MeshConnection connection, DateTime now)
    {
        connection.Serve(drain: false, _peers.Take);
        _peers.Served(connection, now);
    }

    private void ServeRendezvous()
    {
        if (_rendezvous.IsOpen)
        {
            _rendezvous.Serve(_peers.TakeFromRendezvous);
        }
    }

    private void Accept(DateTime now)
    {
        try
        {
            Socket socket = _listener!.Accept();
            socket.Blocking = false;
            socket.NoDelay = true;
            _connections.Add(MeshConnection.Accept(socket, _peers.Own, _start.MeshKey, now + WireProtocol.HandshakeDeadline));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.ConnectionAborted or SocketError.ConnectionReset)
        {
            // It was gone before we came to it.
        }
        catch (SocketException)
        {
            _acceptAgain = now + AcceptPause; // out of descriptors, most likely: those who wait queue in the kernel
        }
    }

    private void CloseEnded(DateTime now)
    {
        for (int i = _connections.Count - 1; i >= 0; i--)
        {
            MeshConnection connection = _connections[i];
            if (connection.Deadline <= now)
            {
                connection.Refuse("no connection was made in time", now);
            }

            if (connection.IsEnded)
            {
                _connections.RemoveAt(i);
                connection.Dispose();
                _peers.Ended(connection, now);
            }
        }

        if (!_rendezvous.IsOpen && !_rendezvousEnded)
        {
            _rendezvousEnded = true;
            _link.OnRendezvousLost(_rendezvous.Name, _rendezvous.EndReason!, isExpected: _start.RankZeroHosts && _peers.HasLeft(0));
            _peers.RendezvousEnded(_rendezvous.EndReason!, now);
        }
    }

    private void SendWhatIsQueued()
    {
        while (_link.TryTakeSent(out Frame frame))
        {
            _peers.Send(frame);
        }

        if (_sayGoodbye && !_saidGoodbye)
        {
            _saidGoodbye = true;
            _peers.SayGoodbye();
        }

        foreach (MeshConnection connection in _connections)
        {
            connection.Flush();
        }

        _rendezvous.Flush();
    }

    private void SayWhatIsDone()
    {
        if (!_isStarted && !_peers.All.Any(peer => peer.IsAwaited))
        {
            _isStarted = true;
            _link.OnStarted();
        }

        if (_saidGoodbye && _peers.IsGoodbyePassedOn)
        {
            _link.OnGoodbyePassedOn();
            if (!_rendezvous.IsOpen && _peers.IsGoodbyeHeard)
            {
                _link.OnGoodbyeHeard();
            }
        }
    }
}
