using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RdmaCollectives.Bootstrap;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>The end of a control connection as its socket tells it.</summary>
public sealed class SealedStreamTests
{
    private const int IpProtoTcp = 6;
    private const int TcpUserTimeout = 18;

    /// <summary>A socket tells its error once. Where it is sending that is told, reading sees an end like that of a process that has ended; it must not be taken for one.</summary>
    [Fact]
    public void Receive_TheConnectionTimedOutAndSendingWasTold_IsNoOrderlyEnd()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(listener.LocalEndPoint!);
        using Socket other = listener.Accept(); // which reads nothing: its kernel closes the window
        socket.Blocking = false;
        socket.SetRawSocketOption(IpProtoTcp, TcpUserTimeout, BitConverter.GetBytes(200));
        using var stream = new SealedStream(socket, long.MaxValue);
        byte[] message = new byte[60_000];
        long start = Stopwatch.GetTimestamp();
        while (!stream.IsSendBroken)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "the connection did not time out");
            while (!stream.WantsToSend)
            {
                stream.SendClear(message);
                stream.Flush();
            }

            Thread.Sleep(10);
            stream.Flush();
        }

        Assert.False(stream.Receive(out _));
        Assert.Equal(SocketError.TimedOut, stream.ReceiveError);
    }
}
