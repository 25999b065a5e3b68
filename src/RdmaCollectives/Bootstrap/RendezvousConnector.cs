using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RdmaCollectives.Bootstrap.Handshake;
using RdmaCollectives.Bootstrap.Tls;

namespace RdmaCollectives.Bootstrap;

/// <summary>Reaches the rendezvous and goes through the handshake: again and again until the deadline while nobody answers, once where the answer is a refusal.</summary>
internal sealed class RendezvousConnector
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan ShortestAttempt = TimeSpan.FromMilliseconds(50);

    /// <summary>Longer than <see cref="WireProtocol.HandshakeDeadline"/>: a rank that queues behind strangers is served once they have been closed.</summary>
    private static readonly TimeSpan LongestAttempt = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly ResolvedOptions _options;
    private readonly RendezvousAddress _address;
    private readonly JoinIdentity _identity;
    private readonly byte[] _secret;
    private readonly TlsCredentials? _tls;
    private readonly CancellationToken _cancellationToken;
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public RendezvousConnector(ResolvedOptions options, RendezvousAddress address, JoinIdentity identity, CancellationToken cancellationToken)
    {
        _options = options;
        _address = address;
        _identity = identity;
        _secret = options.Secret ?? [];
        _tls = options.Tls is null ? null : TlsCredentials.Load(options.Tls);
        _cancellationToken = cancellationToken;
    }

    private string Who => _identity.IsNewcomer ? "This newcomer" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Rank {_identity.Rank}");

    public TimeSpan TimeLeft => _options.JoinTimeout - _clock.Elapsed;

    /// <exception cref="RendezvousException">Refused, or not reached in time; the message says which, and what to do.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public RendezvousConnection Connect()
    {
        TimeSpan pause = FirstPause;
        while (true)
        {
            Exception last;
            try
            {
                return Attempt();
            }
            catch (Exception e) when (e is SocketException || e is CollectiveException { Error: Error.Protocol })
            {
                last = e;
            }

            if (TimeLeft <= pause)
            {
                throw Unreachable(last);
            }

            // Jitter keeps a thousand ranks from coming in one breath.
            if (_cancellationToken.WaitHandle.WaitOne(pause * (0.5 + Random.Shared.NextDouble())))
            {
                _cancellationToken.ThrowIfCancellationRequested();
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private RendezvousConnection Attempt()
    {
        SocketException? last = null;
        foreach (IPAddress address in _address.Resolve())
        {
            if (_secret.Length == 0 && _tls is null && RendezvousAddress.IsLocal(address) && TryUnix() is { } joined)
            {
                return joined;
            }

            try
            {
                var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                AuthenticationMode mode = _secret.Length > 0 ? AuthenticationMode.Secret : _options.Insecure ? AuthenticationMode.Insecure : AuthenticationMode.SameHostOnly;
                return Handshake(socket, new IPEndPoint(address, _address.Port), mode);
            }
            catch (SocketException e)
            {
                last = e;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    /// <summary>Null when no socket of that name is here: the rendezvous has a secret, is not up yet, or lives in another network namespace.</summary>
    private RendezvousConnection? TryUnix()
    {
        try
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            return Handshake(socket, new UnixDomainSocketEndPoint(RendezvousAddress.UnixName(_address.Port, _options.JobId)), AuthenticationMode.PeerCredentials);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private RendezvousConnection Handshake(Socket socket, EndPoint endPoint, AuthenticationMode mode)
    {
        using CancellationTokenRegistration cancel = _cancellationToken.UnsafeRegister(static s => ((Socket)s!).Dispose(), socket);
        using var handshake = new ClientHandshake(_address.ToString(), _identity, mode, _secret);
        var received = new FrameBuffer(WireProtocol.MaxHandshakeBytes);
        try
        {
            ConnectWithin(socket, endPoint, AttemptTime());
            if (mode == AuthenticationMode.PeerCredentials && PeerCredentials.WhyNotSameUser(socket) is { } reason)
            {
                throw new RendezvousException($"{Who} does not join the rendezvous at {_address} over its unix socket: {reason}. Give the job a secret (RDMACC_SECRET_FILE).", _identity.Rank);
            }

            ControlSocket.Configure(socket, _options.HostTimeout);
            if (_tls is not null)
            {
                socket.ReceiveTimeout = socket.SendTimeout = (int)AttemptTime().TotalMilliseconds;
                socket = TlsTunnel.Connect(socket, _tls, _address.Host, _address.ToString(), _identity.Rank);
            }

            long deadline = Stopwatch.GetTimestamp() + (long)(AttemptTime().TotalSeconds * Stopwatch.Frequency);
            SendAll(socket, handshake.Hello());
            SendAll(socket, handshake.Finish(Next(socket, received, deadline)));
            SessionKeys keys = handshake.Complete(Next(socket, received, deadline));
            received.MaxFrameBytes = WireProtocol.MaxSealedBytes;
            socket.ReceiveTimeout = 0;
            return new RendezvousConnection(socket, keys, received, (socket.LocalEndPoint as IPEndPoint)?.Address, (endPoint as IPEndPoint)?.Address);
        }
        catch (Exception e)
        {
            socket.Dispose();
            _cancellationToken.ThrowIfCancellationRequested();
            if (e is ObjectDisposedException)
            {
                throw new SocketException((int)SocketError.OperationAborted);
            }

            throw;
        }
    }

    private TimeSpan AttemptTime() => TimeLeft > LongestAttempt ? LongestAttempt : TimeLeft < ShortestAttempt ? ShortestAttempt : TimeLeft;

    private static void ConnectWithin(Socket socket, EndPoint endPoint, TimeSpan time)
    {
        if (endPoint is UnixDomainSocketEndPoint)
        {
            socket.SendTimeout = (int)time.TotalMilliseconds; // bounds connect too (socket(7)); a full backlog is waited for
            socket.Connect(endPoint);
            return;
        }

        socket.Blocking = false;
        try
        {
            socket.Connect(endPoint);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            if (!socket.Poll(time, SelectMode.SelectWrite))
            {
                throw new SocketException((int)SocketError.TimedOut);
            }

            int error = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
            if (error != 0)
            {
                throw new SocketException(error);
            }
        }

        socket.Blocking = true;
    }

    private static void SendAll(Socket socket, byte[] message)
    {
        byte[] framed = new byte[WireProtocol.PrefixBytes + message.Length];
        BinaryPrimitives.WriteInt32LittleEndian(framed, message.Length);
        message.CopyTo(framed, WireProtocol.PrefixBytes);
        socket.Send(framed);
    }

    private static byte[] Next(Socket socket, FrameBuffer received, long deadline)
    {
        ReadOnlySpan<byte> frame;
        while (!received.TryTake(out frame))
        {
            TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), deadline);
            if (left <= TimeSpan.Zero)
            {
                throw new SocketException((int)SocketError.TimedOut);
            }

            socket.ReceiveTimeout = Math.Max(1, (int)left.TotalMilliseconds);
            int bytes = socket.Receive(received.Free);
            if (bytes == 0)
            {
                throw new CollectiveException(Error.Protocol, "what listens there closed the connection in the handshake");
            }

            received.Advance(bytes);
        }

        return frame.ToArray();
    }

    private RendezvousException Unreachable(Exception last)
    {
        string who = _options.RankZeroHostsRendezvous ? "rank 0, which hosts it," : "the launcher, which hosts it,";
        var message = new StringBuilder();
        message.Append(System.Globalization.CultureInfo.InvariantCulture, $"{Who} did not reach the rendezvous at {_address} within {_options.JoinTimeout.TotalSeconds:0.###} s: {last.Message.TrimEnd('.')}. ");
        message.Append(System.Globalization.CultureInfo.InvariantCulture, $"Look whether {who} runs, and that host and port are right and not blocked (RDMACC_RENDEZVOUS, or MASTER_ADDR and MASTER_PORT). ");
        message.Append(_options.RankZeroHostsRendezvous ? "" : "Without a launcher set RDMACC_HOST_RENDEZVOUS=1 for every rank: then rank 0 hosts it. ");
        message.Append("RDMACC_JOIN_TIMEOUT sets how long to try.");
        return new RendezvousException(message.ToString(), _identity.Rank, nativeError: (last as SocketException)?.NativeErrorCode ?? 0, innerException: last);
    }
}
