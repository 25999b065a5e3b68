using System.Net;
using System.Net.Sockets;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>Options of the data sockets (tcp(7), socket(7)).</summary>
internal static class TcpSocketOptions
{
    // A host that is gone is noticed by a waiting receiver 2 + 3 x 1 = 5 seconds after its last sign of life. The peer's kernel answers, so a paused or busy process is not taken for dead.
    private const int KeepAliveIdleSeconds = 2;
    private const int KeepAliveIntervalSeconds = 1;
    private const int KeepAliveProbes = 3;

    private const int TcpCongestion = 13; // TCP_CONGESTION in netinet/tcp.h

    /// <summary>
    /// For a connected socket. Not TCP_USER_TIMEOUT: it also counts the time in which a living peer has its receive window closed, so it would end the connection to a rank that
    /// computes for longer before it reads (measured on Linux 6.18: after 2.3 s with a value of 2 s), and where it is set keepalive follows it. A host that dies while this rank has unsent data is
    /// noticed by the control plane, which never fills a window.
    /// </summary>
    public static void SetForData(Socket socket)
    {
        socket.Blocking = false;
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveIdleSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
        if (IsInsideTheHost(socket))
        {
            SetUnpaced(socket);
        }
    }

    /// <summary>Before connect or listen, because the window's scale is fixed in the handshake; accepted sockets inherit it from their listener.</summary>
    public static void SetBuffers(Socket socket, TcpSettings settings)
    {
        if (settings.SocketBufferBytes is { } byteCount)
        {
            socket.SendBufferSize = byteCount;
            socket.ReceiveBufferSize = byteCount;
        }
    }

    // The kernel takes the address of the destination as the source where it is one of its own.
    private static bool IsInsideTheHost(Socket socket) => socket.LocalEndPoint is IPEndPoint local && socket.RemoteEndPoint is IPEndPoint remote && local.Address.Equals(remote.Address);

    // Inside a host there is no way that could be congested, but a control that paces (BBR, where it is the system's) still takes time: sends and receives of 8 MiB took 1.6 times as long with it. Reno is in every kernel.
    private static void SetUnpaced(Socket socket)
    {
        try
        {
            socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpCongestion, "reno"u8);
        }
        catch (SocketException)
        {
            // the system's own then
        }
    }
}
