using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using RdmaCollectives.Bootstrap.Interop;

namespace RdmaCollectives.Bootstrap.Tls;

/// <summary>
/// TLS on one connection, between the network and those who speak the frames of the control plane: they hold one end of a pair of local sockets, two threads carry bytes between its other end and the TLS
/// stream. So nothing above knows of it, and poll(2) works as it does on a plain socket.
/// <code>
/// rank                                  rendezvous
/// TLS handshake, both show certificates
///                       &lt;-- 0           the rank's certificate is taken: frames follow both ways
///                       &lt;-- 1, length 1, words: it is not; the connection ends
/// </code>
/// Either end of either socket ends the other, after what was on its way has gone out.
/// </summary>
internal sealed class TlsTunnel
{
    public const byte Taken = 0;
    public const byte Refused = 1;

    private const int PieceBytes = 16 * 1024;
    private static readonly TimeSpan LastBytesTime = TimeSpan.FromSeconds(2);

    private readonly Socket _network;
    private readonly Socket _inner;
    private readonly ManualResetEventSlim _isOpen = new();
    private SslStream? _stream;

    private TlsTunnel(Socket network, Socket inner)
    {
        _network = network;
        _inner = inner;
    }

    /// <summary>
    /// For the rendezvous: returns at once with the end that frames are read from, non-blocking; the handshake goes on behind it. A connection that is refused ends, and <paramref name="refused"/> is told why, from
    /// another thread. Closing the end ends everything.
    /// </summary>
    public static Socket Accept(Socket network, TlsCredentials credentials, byte demandedMode, Action<string> refused)
    {
        (Socket outer, Socket inner) = Pair();
        network.Blocking = true;
        var tunnel = new TlsTunnel(network, inner);
        tunnel.Start(() => TlsWelcome.Serve(tunnel, credentials, demandedMode, refused));
        outer.Blocking = false;
        return outer;
    }

    /// <summary>For a rank: goes through the handshake on <paramref name="network"/>, which is blocking and has its timeouts set, and returns the end that frames are read from.</summary>
    /// <exception cref="RendezvousException">One of the two does not take the other's certificate.</exception>
    /// <exception cref="SocketException">The connection ended.</exception>
    public static Socket Connect(Socket network, TlsCredentials credentials, string host, string rendezvous, int rank)
    {
        SslStream stream = TlsGreeting.Authenticate(network, credentials, host, rendezvous, rank);
        network.ReceiveTimeout = 0;
        network.SendTimeout = 0;
        (Socket outer, Socket inner) = Pair();
        var tunnel = new TlsTunnel(network, inner);
        tunnel.Open(stream);
        tunnel.Start(tunnel.PumpInward);
        return outer;
    }

    public Socket Network => _network;

    /// <summary>The handshake is over and both certificates are taken.</summary>
    public void Open(SslStream stream)
    {
        _stream = stream;
        _isOpen.Set();
    }

    /// <summary>From the network to the end, until the network's end.</summary>
    public void PumpInward()
    {
        byte[] piece = new byte[PieceBytes];
        int count;
        while ((count = _stream!.Read(piece)) > 0)
        {
            SendAll(_inner, piece.AsSpan(0, count));
        }
    }

    private void PumpOutward()
    {
        byte[] piece = new byte[PieceBytes];
        int count;
        while ((count = _inner.Receive(piece)) > 0)
        {
            _isOpen.Wait(); // what is sent before the handshake's end would not be sealed; set at the latest when that fails
            (_stream ?? throw new IOException("The handshake failed.")).Write(piece, 0, count);
        }
    }

    private void Start(Action inward)
    {
        var first = new Thread(() => Run(inward, EndInward)) { IsBackground = true, Name = "rdmacc tls in" };
        var second = new Thread(() => Run(PumpOutward, () => EndAll(first))) { IsBackground = true, Name = "rdmacc tls out" };
        first.Start();
        second.Start();
    }

    private static void Run(Action pump, Action end)
    {
        try
        {
            pump();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // One end has gone; the other learns it now.
        }
        finally
        {
            end();
        }
    }

    // The network says no more: whoever holds the end learns it, and closes it.
    private void EndInward()
    {
        Shutdown(_inner);
        _isOpen.Set();
    }

    // The end was closed: the network learns it, and the other thread has a moment to carry what is left.
    private void EndAll(Thread inward)
    {
        Shutdown(_network);
        if (_stream is null || !inward.Join(LastBytesTime))
        {
            _network.Dispose(); // wakes it
        }

        inward.Join();
        _stream?.Dispose();
        _network.Dispose();
        _inner.Dispose();
    }

    private static void Shutdown(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    private static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }

    private static unsafe (Socket Outer, Socket Inner) Pair()
    {
        int* descriptors = stackalloc int[2];
        if (Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0, descriptors) != 0)
        {
            throw new SocketException(Marshal.GetLastPInvokeError());
        }

        return (new Socket(new SafeSocketHandle(descriptors[0], ownsHandle: true)), new Socket(new SafeSocketHandle(descriptors[1], ownsHandle: true)));
    }
}
