using System.Net;
using System.Net.Sockets;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>A man in the middle: passes bytes on between ranks and a rendezvous, or between two ranks, and lets the test read and change them.</summary>
internal sealed class Proxy : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _sockets = [];
    private int _target;

    public Proxy(int target = 0)
    {
        _target = target;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        Start(Accept);
    }

    public int Port { get; }

    /// <summary>Called with each piece before it is passed on; true: from the rank to the rendezvous.</summary>
    public Action<bool, Memory<byte>>? OnBytes { get; set; }

    /// <summary>Called in place of <see cref="OnBytes"/>: what to pass on for each piece.</summary>
    public Func<bool, ReadOnlyMemory<byte>, byte[]>? Rewrite { get; set; }

    /// <summary>Whom to pass on to, where that is known later. The result is where to connect instead.</summary>
    public int For(int target)
    {
        _target = target;
        return Port;
    }

    public void FlipOnce(bool fromRank, int offset)
    {
        int flipped = 0;
        OnBytes = (from, piece) =>
        {
            if (from == fromRank && Interlocked.Exchange(ref flipped, 1) == 0)
            {
                piece.Span[offset] ^= 0x10;
            }
        };
    }

    public void Dispose()
    {
        _listener.Dispose();
        lock (_sockets)
        {
            _sockets.ForEach(s => s.Dispose());
        }
    }

    private void Accept()
    {
        while (true)
        {
            Socket client = _listener.Accept();
            var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            server.Connect(IPAddress.Loopback, _target);
            client.NoDelay = server.NoDelay = true;
            lock (_sockets)
            {
                _sockets.AddRange([client, server]);
            }

            Start(() => Pass(client, server, fromRank: true));
            Start(() => Pass(server, client, fromRank: false));
        }
    }

    private void Pass(Socket from, Socket to, bool fromRank)
    {
        byte[] buffer = new byte[64 * 1024];
        int count;
        while ((count = from.Receive(buffer)) > 0)
        {
            OnBytes?.Invoke(fromRank, buffer.AsMemory(0, count));
            byte[]? rewritten = Rewrite?.Invoke(fromRank, buffer.AsMemory(0, count));
            to.Send(rewritten ?? buffer.AsSpan(0, count));
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private static void Start(Action body) => new Thread(() =>
    {
        try
        {
            body();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One end has gone.
        }
    })
    { IsBackground = true }.Start();
}
