using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Bootstrap.Handshake;
using RdmaCollectives.Bootstrap.Interop;
using RdmaCollectives.Bootstrap.Tls;

namespace RdmaCollectives.Bootstrap;

/// <summary>
/// The rendezvous' one thread: sleeps in poll(2) over the listeners and all connections, moves bytes, and hands whole frames to the <see cref="Membership"/>.
/// Everything below it runs on this thread alone and needs no lock; only the stop flags and the reported exits come from others.
/// </summary>
internal sealed unsafe class RendezvousLoop
{
    private const int SpareUnproved = 64;
    private const int MaxLoggedAddresses = 1024;
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly RendezvousServerOptions _options;
    private readonly byte[] _secret;
    private readonly TlsCredentials? _tls;
    private readonly ILogger _logger;
    private readonly Socket _listener;
    private readonly Socket? _unixListener;
    private readonly Membership _membership;
    private readonly WakeEvent _wake = new();
    private readonly List<ServerConnection> _connections = [];
    private readonly HashSet<string> _loggedAddresses = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(int Rank, string Words)> _exits = new();
    private Libc.pollfd[] _polled = new Libc.pollfd[16];
    private DateTime _acceptAgain;
    private volatile bool _stop;
    private volatile bool _stopWhenEmpty;

    private RendezvousLoop(RendezvousServerOptions options, TlsCredentials? tls, Socket listener, Socket? unixListener, ILogger logger)
    {
        _options = options;
        _tls = tls;
        _secret = Encoding.UTF8.GetBytes(options.Secret ?? "");
        _logger = logger;
        _listener = listener;
        _unixListener = unixListener;
        EndPoint = (IPEndPoint)listener.LocalEndPoint!;
        _membership = new Membership(options, new RendezvousAddress(EndPoint.Address.ToString(), EndPoint.Port).ToString(), logger);
    }

    public IPEndPoint EndPoint { get; }

    /// <exception cref="RendezvousException">The address can't be listened at.</exception>
    public static RendezvousLoop Listen(RendezvousServerOptions options, ILogger logger)
    {
        TlsCredentials? tls = options.Tls is null ? null : TlsCredentials.Load(options.Tls);
        var listener = new Socket(options.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            if (options.EndPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                listener.DualMode = true; // the wildcard takes IPv4 too
            }

            listener.Bind(options.EndPoint);
            var bound = (IPEndPoint)listener.LocalEndPoint!;

            // The unix socket listens first: a rank that reaches the TCP port finds it too.
            Socket? unix = options.Secret is null && tls is null ? ListenUnix(bound, options.JobId, logger) : null;
            listener.Listen(512);
            if (options is { Secret: null, Insecure: true })
            {
                BootstrapLog.Insecure(logger, bound.ToString());
            }

            BootstrapLog.Listening(logger, bound.ToString(), options.WorldSize);
            return new RendezvousLoop(options, tls, listener, unix, logger);
        }
        catch (SocketException e)
        {
            listener.Dispose();
            string remedy = e.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? "Another program, or a rendezvous of an earlier job, listens there: end it or take another port (0 takes a free one)."
                : "The address must belong to this host, and ports below 1024 need privileges.";
            throw new RendezvousException($"The rendezvous can't listen at {options.EndPoint}: {e.Message}. {remedy}", nativeError: e.NativeErrorCode, innerException: e);
        }
    }

    public void Stop()
    {
        _stop = true;
        _wake.Set();
    }

    public void StopWhenEmpty()
    {
        _stopWhenEmpty = true;
        _wake.Set();
    }

    /// <param name="rank">The rank; for a process that is known by its number n: -n - 1.</param>
    /// <param name="words">How it ended.</param>
    public void ReportExit(int rank, string words)
    {
        _exits.Enqueue((rank, words));
        _wake.Set();
    }

    public void Run()
    {
        try
        {
            while (!_stop && !(_stopWhenEmpty && _membership.IsEmpty))
            {
                Turn();
            }
        }
        catch (Exception e)
        {
            BootstrapLog.ServerFailed(_logger, e);
        }
        finally
        {
            _listener.Dispose();
            _unixListener?.Dispose();
            _connections.ForEach(c => c.Dispose());
            _wake.Dispose();
        }
    }

    private static Socket? ListenUnix(IPEndPoint bound, string jobId, ILogger logger)
    {
        var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            unix.Bind(new UnixDomainSocketEndPoint(RendezvousAddress.UnixName(bound.Port, jobId)));
            unix.Listen(512);
            return unix;
        }
        catch (SocketException e)
        {
            unix.Dispose();
            BootstrapLog.NoUnixSocket(logger, bound.ToString(), e.Message);
            return null;
        }
    }

    private void Turn()
    {
        DateTime now = DateTime.UtcNow;
        int unproved = _connections.Count(c => !c.IsConfirmed);

        // At the cap the listeners are left alone: those who wait queue in the kernel, and each stranger makes room within the handshake's deadline.
        bool accepting = unproved < SpareUnproved + _options.WorldSize && now >= _acceptAgain;
        int first = FillPolled(accepting);
        int polledConnections = _connections.Count;
        fixed (Libc.pollfd* polled = _polled)
        {
            int ready = Libc.poll(polled, (nuint)(first + polledConnections), SleepMilliseconds(now));
            if (ready < 0 && Marshal.GetLastPInvokeError() != Libc.EINTR)
            {
                int errno = Marshal.GetLastPInvokeError();
                throw new CollectiveException(Error.Resource, $"poll failed: {Marshal.GetPInvokeErrorMessage(errno)}.", nativeError: errno);
            }

            if (ready < 0)
            {
                return;
            }
        }

        if (_polled[0].revents != 0)
        {
            _wake.Clear();
        }

        for (int i = 0; i < polledConnections; i++)
        {
            if (_polled[first + i].revents != 0)
            {
                Serve(_connections[i], _polled[first + i].revents);
            }
        }

        // After the frames: a goodbye that lies ready goes before the news of the exit that followed it.
        while (_exits.TryDequeue(out (int Rank, string Words) exit))
        {
            _membership.ReportExit(exit.Rank >= 0 ? exit.Rank : _membership.RankOfProcessHere(-exit.Rank - 1), exit.Words);
        }

        if (_polled[1].revents != 0)
        {
            Accept(_listener, _options.Secret is not null ? AuthenticationMode.Secret : _options.Insecure ? AuthenticationMode.Insecure : AuthenticationMode.SameHostOnly);
        }

        if (_polled[2].revents != 0)
        {
            Accept(_unixListener!, AuthenticationMode.PeerCredentials);
        }

        DropOverdue(DateTime.UtcNow);
        _membership.LookAtDeadlines(DateTime.UtcNow);
        _connections.ForEach(c => c.Flush());
        _connections.RemoveAll(CloseEnded);
    }

    private int FillPolled(bool accepting)
    {
        const int First = 3;
        if (_polled.Length < First + _connections.Count)
        {
            _polled = new Libc.pollfd[2 * (First + _connections.Count)];
        }

        _polled[0] = Polled(_wake.Descriptor, Libc.POLLIN);
        _polled[1] = Polled(accepting ? Descriptor(_listener) : -1, Libc.POLLIN); // poll(2) passes over negative descriptors
        _polled[2] = Polled(accepting && _unixListener is not null ? Descriptor(_unixListener) : -1, Libc.POLLIN);
        for (int i = 0; i < _connections.Count; i++)
        {
            ServerConnection connection = _connections[i];
            _polled[First + i] = Polled(Descriptor(connection.Socket), (short)((connection.IsEnding ? 0 : Libc.POLLIN) | (connection.WantsToSend ? Libc.POLLOUT : 0)));
        }

        return First;
    }

    private static Libc.pollfd Polled(int descriptor, short events) => new() { fd = descriptor, events = events };

    private static int Descriptor(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle(); // only this thread closes it

    private int SleepMilliseconds(DateTime now)
    {
        DateTime next = _membership.NextDeadline;
        foreach (ServerConnection connection in _connections)
        {
            next = connection.Deadline < next ? connection.Deadline : next;
        }

        next = _acceptAgain > now && _acceptAgain < next ? _acceptAgain : next;
        return next == DateTime.MaxValue ? -1 : (int)Math.Clamp((next - now).TotalMilliseconds + 1, 0, int.MaxValue);
    }

    private void Accept(Socket listener, AuthenticationMode demanded)
    {
        try
        {
            Socket socket = listener.Accept();
            socket.Blocking = false;
            string address = socket.RemoteEndPoint is IPEndPoint ip ? ip.Address.ToString() : "this host";
            string? refused = demanded == AuthenticationMode.PeerCredentials ? PeerCredentials.WhyNotSameUser(socket) : null;
            if (refused is not null)
            {
                LogRefusal(address, refused);
                socket.Dispose();
                return;
            }

            ControlSocket.Configure(socket, ControlSocket.DefaultHostTimeout);
            if (_tls is not null && demanded != AuthenticationMode.PeerCredentials)
            {
                socket = TlsTunnel.Accept(socket, _tls, (byte)demanded, reason => LogRefusal(address, reason));
            }

            _connections.Add(new ServerConnection(socket, address, new ServerHandshake(demanded, _secret), DateTime.UtcNow + WireProtocol.HandshakeDeadline, MaxQueuedBytes));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.ConnectionAborted or SocketError.ConnectionReset)
        {
            // It was gone before we came to it.
        }
        catch (SocketException)
        {
            _acceptAgain = DateTime.UtcNow + AcceptPause; // out of descriptors, most likely: those who wait queue in the kernel
        }
    }

    /// <summary>What may wait for one rank: its peers can be two gatherings ahead of it, and some blobs besides. Frames share their payload, so this counts references.</summary>
    private long MaxQueuedBytes => (64L << 20) + (3L * _options.WorldSize * WireProtocol.MaxSealedBytes);

    private void Serve(ServerConnection connection, short events)
    {
        try
        {
            if ((events & ~Libc.POLLOUT) != 0 && !connection.IsEnding)
            {
                bool open = connection.Receive();
                TakeFrames(connection);
                if (!open)
                {
                    connection.End("its connection to the rendezvous ended without a goodbye");
                }
            }
        }
        catch (Exception e)
        {
            // Of any kind: what one connection sends must never end the rendezvous of all others.
            if (connection.Identity is null)
            {
                LogRefusal(connection.Address, e.Message);
            }

            connection.End($"its connection to the rendezvous was closed: {e.Message}");
        }
    }

    private void TakeFrames(ServerConnection connection)
    {
        while (!connection.IsEnding && connection.TryTake(out ReadOnlySpan<byte> bytes))
        {
            if (connection.IsConfirmed)
            {
                _membership.Take(connection, connection.Open(bytes));
            }
            else if (connection.Identity is not null)
            {
                Confirm(connection, connection.Open(bytes));
            }
            else if (connection.AdvanceHandshake(bytes) is { } refused)
            {
                LogRefusal(connection.Address, refused);
            }
        }
    }

    /// <summary>
    /// Only a rank that has seen our proof is counted in. One whose patience ended a moment earlier comes again over another connection, and must find its place free.
    /// </summary>
    private void Confirm(ServerConnection connection, in Frame frame)
    {
        if (frame.Kind != FrameKind.Here)
        {
            throw new CollectiveException(Error.Protocol, $"The first frame of a rank was of kind {frame.Kind}.");
        }

        connection.Confirm();
        _membership.Admit(connection, frame.Payload.Span);
    }

    private void DropOverdue(DateTime now)
    {
        foreach (ServerConnection connection in _connections)
        {
            if (connection.Deadline <= now)
            {
                connection.End("it did not finish the handshake in time");
            }
        }
    }

    private bool CloseEnded(ServerConnection connection)
    {
        if (!connection.IsEnded)
        {
            return false;
        }

        _membership.Ended(connection, connection.EndReason!);
        connection.Dispose();
        return true;
    }

    private void LogRefusal(string address, string reason)
    {
        lock (_loggedAddresses) // tunnels refuse on threads of their own
        {
            if (_loggedAddresses.Count >= MaxLoggedAddresses || !_loggedAddresses.Add(address))
            {
                return;
            }
        }

        BootstrapLog.Refused(_logger, address, reason);
    }
}
