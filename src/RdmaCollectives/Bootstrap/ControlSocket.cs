using System.Net.Sockets;
using RdmaCollectives.Bootstrap.Interop;

namespace RdmaCollectives.Bootstrap;

/// <summary>How both ends set up a control connection.</summary>
internal static class ControlSocket
{
    /// <summary>How long a host may be silent before what it holds is given up; RDMACC_HOST_TIMEOUT sets it.</summary>
    public static readonly TimeSpan DefaultHostTimeout = TimeSpan.FromSeconds(5);

    /// <summary>More than the kernel ever sends before <c>TCP_USER_TIMEOUT</c> ends the connection.</summary>
    private const int KeepAliveProbes = 100;

    /// <summary>
    /// Small frames go at once; a host that is gone is noticed by keep-alive and, with bytes under way, by TCP_USER_TIMEOUT, which holds for both (tcp(7)). They are answered by the peer's kernel, so a
    /// process that stands still is not taken for dead.
    /// </summary>
    /// <param name="socket">Connected.</param>
    /// <param name="hostTimeout">How long the other kernel may be silent; null where the other process is watched on this very host, whose kernel can't be silent.</param>
    public static void Configure(Socket socket, TimeSpan? hostTimeout)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            return;
        }

        socket.NoDelay = true;
        if (hostTimeout is not { } timeout)
        {
            return;
        }

        int probeSeconds = Math.Max(1, (int)(timeout.TotalSeconds / 4));
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, probeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, probeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
        socket.SetRawSocketOption(Libc.IPPROTO_TCP, Libc.TCP_USER_TIMEOUT, BitConverter.GetBytes((int)Math.Min(timeout.TotalMilliseconds, int.MaxValue)));
    }
}
