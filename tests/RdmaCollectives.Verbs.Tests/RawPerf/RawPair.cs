using System.Net;
using System.Net.Sockets;
using RdmaCollectives.Tool.RawPerf;

namespace RdmaCollectives.Verbs.Tests.RawPerf;

/// <summary>Two connected ends without a session, for tests that drive the loops themselves or break something.</summary>
internal sealed class RawPair : IDisposable
{
    private readonly RawPort _clientPort;
    private readonly RawPort _serverPort;

    public RawPair(RawOptions options)
    {
        TestDevice.Open().Dispose();
        (_clientPort, _serverPort) = (RawPort.Open(options), RawPort.Open(options));
        (Client, Server) = (new RawEnd(options, _clientPort), new RawEnd(options, _serverPort));
        using Socket listener = PeerLink.Listen(IPAddress.Loopback, 0);
        ClientLink = PeerLink.Connect("127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port, options.Timeout);
        ServerLink = PeerLink.Accept(listener, options.Timeout, options.Timeout);
        Client.Connect(Server.Describe());
        Server.Connect(Client.Describe());
    }

    public RawEnd Client { get; }

    public RawEnd Server { get; }

    public PeerLink ClientLink { get; }

    public PeerLink ServerLink { get; }

    /// <summary>The client's loop of a bandwidth test; the server does nothing.</summary>
    public Exception? RunClient(int messages)
    {
        RawOptions options = Client.Options;
        var sends = new PreparedSends(Client);
        sends.Prepare(options.LargestSize);
        var loop = new BandwidthLoop(Client, ClientLink, sends, null, new EmptyTurns(Client, ClientLink));
        return Record.Exception(() => loop.Run(messages, 0, new BandwidthTimes(messages, options.PostList, null)));
    }

    public void Dispose()
    {
        ClientLink.Dispose();
        ServerLink.Dispose();
        Client.Dispose();
        Server.Dispose();
        _clientPort.Dispose();
        _serverPort.Dispose();
    }
}
