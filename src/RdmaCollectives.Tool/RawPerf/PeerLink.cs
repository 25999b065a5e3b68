using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>
/// The socket between the two ends, over which they compare options, exchange addresses and wait for each other. It is neither authenticated nor encrypted, as perftest's is not; what a
/// stranger can send is bounded in size, and every wait in time. Not for several threads at a time.
/// </summary>
internal sealed class PeerLink : IDisposable
{
    private const int MostFailureBytes = 1024;

    /// <summary>While the other end measures it says nothing, and it ends by itself when nothing moves there; this is for one that does neither.</summary>
    private static readonly TimeSpan LongestSize = TimeSpan.FromHours(24);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly TimeSpan _timeout;
    private readonly byte[] _head = new byte[Frame.HeadByteCount];

    // A frame that arrived while this end was measuring.
    private (FrameKind Kind, byte[] Body)? _pending;

    private PeerLink(Socket socket, string name, bool isServer, TimeSpan timeout)
    {
        (_socket, Name, IsServer, _timeout) = (socket, name, isServer, timeout);
        socket.NoDelay = true;
        // A host that dies says nothing: the kernel asks.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    /// <summary>Whom one is connected to, for messages.</summary>
    public string Name { get; }

    /// <summary>Whether this end has listened.</summary>
    public bool IsServer { get; }

    /// <summary>Whether what went wrong is the other end's, and this end only heard of it.</summary>
    public bool HasPeerFailed { get; private set; }

    /// <summary>Opens the port that a client connects to; 0 takes a free one.</summary>
    /// <exception cref="ToolException">The address is not this host's, or the port is taken.</exception>
    public static Socket Listen(IPAddress address, int port)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
            {
                listener.DualMode = true;
            }

            listener.Bind(new IPEndPoint(address, port));
            listener.Listen(1);
            return listener;
        }
        catch (SocketException e)
        {
            listener.Dispose();
            string remedy = e.SocketErrorCode == SocketError.AddressAlreadyInUse ? "Choose another port with -p, at both ends." : "Name an address of this host with --bind, or leave it away.";
            throw new ToolException(ExitCode.Failed, $"can't listen on {new IPEndPoint(address, port)}: {e.Message}. {remedy}", e);
        }
    }

    /// <summary>Waits for the one client.</summary>
    /// <exception cref="ToolException">None came in time.</exception>
    public static PeerLink Accept(Socket listener, TimeSpan patience, TimeSpan timeout)
    {
        if (!WaitReadable(listener, patience))
        {
            throw new ToolException(ExitCode.Failed, $"no client connected to {listener.LocalEndPoint} within {patience.TotalSeconds:0.###} s: start the other end with this host's name, or wait longer (--timeout).");
        }

        Socket socket = listener.Accept();
        var peer = (IPEndPoint)socket.RemoteEndPoint!;
        return new PeerLink(socket, $"{(peer.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(peer.Address.MapToIPv4(), peer.Port) : peer)}", isServer: true, timeout);
    }

    /// <summary>Connects to a server, again and again until it listens.</summary>
    /// <exception cref="ToolException">It did not within <paramref name="timeout"/>.</exception>
    public static PeerLink Connect(string host, int port, TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            string problem;
            try
            {
                return new PeerLink(ConnectOnce(host, port, timeout - Stopwatch.GetElapsedTime(start)), $"{host}:{port}", isServer: false, timeout);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
            {
                throw ToolException.BadArguments($"{host}: there is no host of that name ({e.Message}). Give the name or address of the host where the server runs.");
            }
            catch (SocketException e)
            {
                problem = e.Message;
            }

            if (Stopwatch.GetElapsedTime(start) + RetryInterval >= timeout)
            {
                throw new ToolException(ExitCode.Failed,
                    $"no server at {host}:{port} within {timeout.TotalSeconds:0.###} s ({problem}): start rdmacc perf with the same test and options there, without a server's name, on the same port (-p), and let no firewall stand between.");
            }

            Thread.Sleep(RetryInterval);
        }
    }

    public void Send(FrameKind kind, ReadOnlySpan<byte> body = default)
    {
        byte[] bytes = new byte[Frame.HeadByteCount + body.Length];
        new Frame(kind, body.Length).Write(bytes);
        body.CopyTo(bytes.AsSpan(Frame.HeadByteCount));
        try
        {
            _socket.SendTimeout = Milliseconds(_timeout);
            for (int sent = 0; sent < bytes.Length;)
            {
                sent += _socket.Send(bytes.AsSpan(sent));
            }
        }
        catch (SocketException e)
        {
            // It may have said why before it went.
            TakeFailure();
            throw PeerFailed($"does not take what this end sends ({e.Message}): it ended, or its host is gone", e);
        }
    }

    /// <summary>Waits for the next frame, which must be of this kind.</summary>
    /// <param name="kind">What both ends have come to.</param>
    /// <param name="whileMeasuring">Whether the other end may still be at its measurement, which takes as long as it takes.</param>
    public byte[] Receive(FrameKind kind, bool whileMeasuring = false)
    {
        (FrameKind Kind, byte[] Body) frame = _pending ?? ReadFrame(whileMeasuring ? LongestSize : _timeout);
        _pending = null;
        return frame.Kind == kind ? frame.Body
            : frame.Kind == FrameKind.Failure ? throw Failed(frame.Body)
            : throw PeerFailed($"sent a frame {frame.Kind} where {kind} was to come: it is in another state than this end");
    }

    /// <summary>Waits for the next frame and makes of it what it means.</summary>
    /// <exception cref="ToolException">It means nothing; or as <see cref="Receive"/>.</exception>
    public T Receive<T>(FrameKind kind, Func<byte[], T> read, bool whileMeasuring = false)
    {
        byte[] body = Receive(kind, whileMeasuring);
        try
        {
            return read(body);
        }
        catch (ToolException e)
        {
            throw new ToolException(ExitCode.Failed, $"{Name} {e.Message}", e);
        }
    }

    /// <summary>Both ends say that they are ready, and wait for the other.</summary>
    public void Meet()
    {
        Send(FrameKind.Ready);
        Receive(FrameKind.Ready);
    }

    /// <summary>Looks, without waiting, whether the other end has said something meanwhile.</summary>
    /// <returns>The kind of the frame that waits to be received; null: none.</returns>
    /// <exception cref="ToolException">It failed, or is gone.</exception>
    public FrameKind? Look()
    {
        if (_pending is null && _socket.Poll(0, SelectMode.SelectRead))
        {
            _pending = ReadFrame(_timeout);
        }

        return _pending is not { } frame ? null : frame.Kind == FrameKind.Failure ? throw Failed(frame.Body) : frame.Kind;
    }

    /// <summary>Tells the other end why this one gives up, if it still listens.</summary>
    public void TellFailure(string message)
    {
        if (HasPeerFailed)
        {
            return;
        }

        try
        {
            byte[] text = Encoding.UTF8.GetBytes(message);
            Send(FrameKind.Failure, text.AsSpan(0, Math.Min(text.Length, MostFailureBytes)));
        }
        catch (ToolException)
        {
            // Then it finds out by the end of the connection.
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>What the other end wrote, safe for a terminal.</summary>
    public static string ReadFailure(ReadOnlySpan<byte> body) =>
        string.Concat(Encoding.UTF8.GetString(body[..Math.Min(body.Length, MostFailureBytes)]).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) || letter == '\ufffd' ? '?' : letter));

    private static Socket ConnectOnce(string host, int port, TimeSpan left)
    {
        using var deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.ConnectAsync(host, port, deadline.Token).AsTask().GetAwaiter().GetResult();
            return socket;
        }
        catch (Exception e)
        {
            socket.Dispose();
            throw e is OperationCanceledException ? new SocketException((int)SocketError.TimedOut) : e;
        }
    }

    private (FrameKind Kind, byte[] Body) ReadFrame(TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        Fill(_head, timeout, start);
        try
        {
            Frame frame = Frame.Read(_head);
            byte[] body = new byte[frame.ByteCount];
            // Once it has begun, a frame does not take long.
            Fill(body, _timeout, Stopwatch.GetTimestamp());
            return (frame.Kind, body);
        }
        catch (ToolException e) when (!HasPeerFailed)
        {
            throw new ToolException(ExitCode.Failed, $"{Name} {e.Message}", e);
        }
    }

    private void Fill(Span<byte> bytes, TimeSpan timeout, long start)
    {
        while (bytes.Length > 0)
        {
            int count;
            try
            {
                if (!WaitReadable(_socket, timeout - Stopwatch.GetElapsedTime(start)))
                {
                    throw PeerFailed($"has said nothing for {timeout.TotalSeconds:0.###} s: look at it there, or wait longer (--timeout)");
                }

                count = _socket.Receive(bytes);
            }
            catch (SocketException e)
            {
                throw PeerFailed($"is gone ({e.Message}): look at it there", e);
            }

            if (count == 0)
            {
                throw PeerFailed("closed the connection: it was ended, or is no rdmacc perf; look at it there");
            }

            bytes = bytes[count..];
        }
    }

    /// <summary>After a send that failed: throws what the other end said last, if it said that it gives up.</summary>
    private void TakeFailure()
    {
        try
        {
            Look();
        }
        catch (ToolException e) when (e.InnerException is null && HasPeerFailed)
        {
            throw;
        }
        catch (ToolException)
        {
            // It said nothing that could be read.
        }
    }

    private ToolException Failed(ReadOnlySpan<byte> body)
    {
        HasPeerFailed = true;
        return new ToolException(ExitCode.Failed, $"{Name} gave up: {ReadFailure(body)}");
    }

    private ToolException PeerFailed(string what, Exception? cause = null)
    {
        HasPeerFailed = true;
        return new ToolException(ExitCode.Failed, $"{Name} {what}.", cause);
    }

    /// <summary>The system's call takes 35 minutes at most.</summary>
    private static bool WaitReadable(Socket socket, TimeSpan timeout)
    {
        var slice = TimeSpan.FromMinutes(1);
        for (; timeout > slice; timeout -= slice)
        {
            if (socket.Poll(slice, SelectMode.SelectRead))
            {
                return true;
            }
        }

        return socket.Poll(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, SelectMode.SelectRead);
    }

    private static int Milliseconds(TimeSpan time) => (int)Math.Clamp(time.TotalMilliseconds, 1, int.MaxValue);
}
