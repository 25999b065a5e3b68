using System.Net.Sockets;
using RdmaCollectives.Bootstrap.Interop;

namespace RdmaCollectives.Bootstrap;

/// <summary>How both ends set up a control connection.</summary>
internal static class ControlSocket
{
    private const int KeepAliveSeconds = 5;
    private const int KeepAliveProbes = 3;
    private const int UserTimeoutMilliseconds = 20_000;

    /// <summary>
    /// Small frames go at once; a host that is gone is noticed by keep-alive and, with bytes under way, by TCP_USER_TIMEOUT (tcp(7)). Both are answered by the peer's kernel,
    /// so a process that stands still is not taken for dead.
    /// </summary>
    public static void Configure(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            return;
        }

        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
        socket.SetRawSocketOption(Libc.IPPROTO_TCP, Libc.TCP_USER_TIMEOUT, BitConverter.GetBytes(UserTimeoutMilliseconds));
    }
}
