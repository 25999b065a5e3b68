using System.Net;
using System.Net.Sockets;
using RdmaCollectives.Tool.RawPerf;

namespace RdmaCollectives.Tool.Tests.RawPerf;

/// <summary>The socket between the two ends: strangers, silence, and ends that go.</summary>
public class PeerLinkTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);

    [Fact]
    public void Connect_NobodyListens_SaysWhatToStart()
    {
        using Socket taken = PeerLink.Listen(IPAddress.Loopback, 0);
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        taken.Close();
        var error = Assert.Throws<ToolException>(() => PeerLink.Connect("127.0.0.1", port, s_short));
        Assert.Equal(1, error.ExitCode);
        Assert.StartsWith($"no server at 127.0.0.1:{port} within 0.5 s (", error.Message, StringComparison.Ordinal);
        Assert.Contains("start rdmacc perf with the same test and options there", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Connect_ServerComesLate_IsWaitedFor()
    {
        using Socket listener = PeerLink.Listen(IPAddress.Loopback, 0);
        var place = (IPEndPoint)listener.LocalEndPoint!;
        listener.Close();
        Task<PeerLink> connecting = Task.Factory.StartNew(() => PeerLink.Connect("127.0.0.1", place.Port, s_long), TaskCreationOptions.LongRunning);
        Thread.Sleep(300);
        using Socket late = PeerLink.Listen(IPAddress.Loopback, place.Port);
        using PeerLink server = PeerLink.Accept(late, s_long, s_long);
        Assert.True(connecting.Wait(s_long));
        connecting.Result.Dispose();
    }

    [Fact]
    public void Accept_NobodyComes_EndsWithTheDeadline()
    {
        using Socket listener = PeerLink.Listen(IPAddress.Loopback, 0);
        Assert.StartsWith("no client connected to 127.0.0.1:", Assert.Throws<ToolException>(() => PeerLink.Accept(listener, s_short, s_short)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Listen_PortIsTaken_NamesIt()
    {
        using Socket first = PeerLink.Listen(IPAddress.Loopback, 0);
        int port = ((IPEndPoint)first.LocalEndPoint!).Port;
        string message = Assert.Throws<ToolException>(() => PeerLink.Listen(IPAddress.Loopback, port)).Message;
        Assert.StartsWith($"can't listen on 127.0.0.1:{port}: ", message, StringComparison.Ordinal);
        Assert.EndsWith("Choose another port with -p, at both ends.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_Silence_EndsWithTheDeadline()
    {
        (PeerLink link, Socket stranger) = Stranger(s_short);
        using (link)
        using (stranger)
        {
            Assert.Contains("has said nothing for 0.5 s", Assert.Throws<ToolException>(() => link.Receive(FrameKind.Hello)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Receive_AByteNowAndThen_EndsWithTheDeadlineAllTheSame()
    {
        (PeerLink link, Socket stranger) = Stranger(s_short);
        using (link)
        using (stranger)
        {
            using var end = new CancellationTokenSource();
            Task drip = Task.Run(async () =>
            {
                byte[] frame = new byte[Frame.HeadByteCount];
                new Frame(FrameKind.Hello, 100).Write(frame);
                await stranger.SendAsync(frame);
                while (!end.IsCancellationRequested)
                {
                    await Task.Delay(100);
                    await stranger.SendAsync(new byte[] { 65 });
                }
            });
            long start = Environment.TickCount64;
            Assert.Contains("has said nothing for 0.5 s", Assert.Throws<ToolException>(() => link.Receive(FrameKind.Hello)).Message, StringComparison.Ordinal);
            Assert.InRange(Environment.TickCount64 - start, 400, 5000);
            end.Cancel();
            Assert.True(drip.Wait(s_long));
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "does not speak as rdmacc perf does: is that port another program's?")]
    [InlineData("RCRP\u0002\u0001\0\0", "speaks version 2 of the exchange, and this end version 1")]
    [InlineData("RCRP\u0001\u0005\0\0", "sent a frame Result where Hello was to come")]
    [InlineData("RCRP", "closed the connection")]
    public void Receive_SomethingElse_IsRefusedWithTheName(string sent, string expected)
    {
        (PeerLink link, Socket stranger) = Stranger(s_long);
        using (link)
        {
            stranger.Send(System.Text.Encoding.Latin1.GetBytes(sent));
            stranger.Dispose();
            string message = Assert.Throws<ToolException>(() => link.Receive(FrameKind.Hello)).Message;
            Assert.StartsWith("127.0.0.1:", message, StringComparison.Ordinal);
            Assert.Contains(expected, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Failure_OfTheOtherEnd_IsSafeToPrint()
    {
        (PeerLink link, Socket stranger) = Stranger(s_long);
        using (link)
        using (stranger)
        {
            byte[] text = [.. "bad \u001b[31m\n"u8, 0xff, (byte)'x'], head = new byte[Frame.HeadByteCount];
            new Frame(FrameKind.Failure, text.Length).Write(head);
            stranger.Send([.. head, .. text]);
            string message = Assert.Throws<ToolException>(() => link.Receive(FrameKind.Ready)).Message;
            Assert.EndsWith(" gave up: bad ?[31m??x", message, StringComparison.Ordinal);
            Assert.True(link.HasPeerFailed);
        }
    }

    private static (PeerLink Link, Socket Stranger) Stranger(TimeSpan timeout)
    {
        using Socket listener = PeerLink.Listen(IPAddress.Loopback, 0);
        var stranger = new Socket(SocketType.Stream, ProtocolType.Tcp);
        stranger.Connect(listener.LocalEndPoint!);
        return (PeerLink.Accept(listener, s_long, timeout), stranger);
    }
}
