using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>Speaks length-prefixed messages by hand, for what a well-behaved end would not say.</summary>
internal static class RawPeer
{
    public static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
    }

    public static int PortOf(Socket listener) => ((IPEndPoint)listener.LocalEndPoint!).Port;

    public static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return PortOf(probe);
    }

    public static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000 };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    public static void Send(Socket socket, byte[] message)
    {
        byte[] framed = new byte[4 + message.Length];
        BinaryPrimitives.WriteInt32LittleEndian(framed, message.Length);
        message.CopyTo(framed, 4);
        socket.Send(framed);
    }

    /// <summary>Null at the end of the stream.</summary>
    public static byte[]? Receive(Socket socket)
    {
        byte[]? prefix = Exactly(socket, 4);
        return prefix is null ? null : Exactly(socket, BinaryPrimitives.ReadInt32LittleEndian(prefix));
    }

    /// <summary>Whether the other end closes the connection within a time.</summary>
    public static bool IsClosedWithin(Socket socket, TimeSpan time)
    {
        socket.ReceiveTimeout = (int)time.TotalMilliseconds;
        byte[] rest = new byte[4096];
        while (true)
        {
            int count = socket.Receive(rest, 0, rest.Length, SocketFlags.None, out SocketError error);
            if (error is SocketError.TimedOut or SocketError.WouldBlock)
            {
                return false;
            }

            if (count == 0 || error != SocketError.Success)
            {
                return true;
            }
        }
    }

    private static byte[]? Exactly(Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        for (int have = 0; have < count;)
        {
            int more = socket.Receive(bytes.AsSpan(have));
            if (more == 0)
            {
                return null;
            }

            have += more;
        }

        return bytes;
    }
}
