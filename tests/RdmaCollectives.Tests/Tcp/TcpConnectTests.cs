using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.Tcp;

namespace RdmaCollectives.Tests.Tcp;

public sealed unsafe class TcpConnectTests
{
    private const int TcpCongestion = 13; // TCP_CONGESTION in netinet/tcp.h

    [Fact]
    public void Connect_EachRankInAnotherOrder_AllMeet()
    {
        TcpSettings settings = new() { Addresses = [TcpWorld.Loopback4] };
        TcpTransport[] transports = [.. Enumerable.Range(0, 5).Select(rank => new TcpTransport(TcpWorld.Context(rank, 5), settings))];
        using TcpWorld world = TcpWorld.Of(transports);

        // Every rank begins with another peer, downwards or upwards, so that connectors wait for acceptors that wait for others.
        world.Connect(2, (rank, peers) => rank % 2 == 0 ? peers.Reverse() : peers.Skip(rank).Concat(peers.Take(rank)));
        for (int rank = 0; rank < 5; rank++)
        {
            for (int peer = 0; peer < 5; peer++)
            {
                if (peer != rank)
                {
                    Assert.True(world[rank, peer, 1].TryGetSendSlot() != null);
                    world[rank, peer, 1].Send(new MessageHeader { Sequence = (uint)((rank * 10) + peer) });
                }
            }
        }

        for (int rank = 0; rank < 5; rank++)
        {
            for (int peer = 0; peer < 5; peer++)
            {
                if (peer != rank)
                {
                    MessageHeader header = default;
                    world.Until(() => world[rank, peer, 1].TryReceive(out header, out _), $"{peer} to {rank}");
                    Assert.Equal((uint)((peer * 10) + rank), header.Sequence);
                }
            }
        }
    }

    [Fact]
    public void Connect_OverIPv6Loopback_Works()
    {
        if (!LocalAddress.ReadAll().Any(address => address.Address.Equals(IPAddress.IPv6Loopback)))
        {
            Assert.Skip("This host has no IPv6 loopback address.");
        }

        using TcpWorld world = TcpWorld.Create(address: TcpWorld.Loopback6);
        Assert.True(world[0, 1].TryGetSendSlot() != null);
        world[0, 1].Send(new MessageHeader { Sequence = 4 });
        world.Until(() => world[1, 0].TryReceive(out _, out _), "the message");
        Assert.Contains("[::1]", world.Transports[0].Description);
    }

    [Fact]
    public void Connect_OverThisHostsOwnInterfaces_Works()
    {
        using TcpTransport low = new(TcpWorld.Context(0, 2));
        using TcpTransport high = new(TcpWorld.Context(1, 2));
        Assert.Null(low.WhyNotReachable(1, high.Describe()));
        Assert.True(low.Describe().Length <= 4096);
        (Connection mine, Connection theirs) = ConnectPair(low, high);
        Assert.True(mine.TryGetSendSlot() != null);
        mine.Send(new MessageHeader { Sequence = 4 });
        TcpWorld.Until(() => theirs.TryReceive(out _, out _), "the message", low, high);
    }

    [Fact]
    public void Connect_StrangersAtTheListener_DoNotDisturbAndAreLoggedOnce()
    {
        RecordingLoggerFactory log = new();
        TcpSettings settings = new() { Addresses = [TcpWorld.Loopback4], GreetingTimeout = TimeSpan.FromMilliseconds(100) };
        using TcpTransport low = new(TcpWorld.Context(0, 2), settings);
        using TcpTransport high = new(TcpWorld.Context(1, 2, loggerFactory: log), settings);
        IPEndPoint listener = TcpDescription.Parse(high.Describe()).Candidates[0].EndPoint;
        List<Socket> strangers = [];
        for (int index = 0; index < 100; index++)
        {
            Socket stranger = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            stranger.Connect(listener);
            byte[] said = (index % 5) switch
            {
                0 => "GET / HTTP/1.1\r\nHost: nobody\r\n\r\n"u8.ToArray(), // garbage
                1 => [],                                               // silence
                2 => [1, 2, 3, 4, 5],                                  // part of a token
                3 => [.. new byte[Greeting.TokenBytes], Greeting.Confirmation], // a whole greeting with a guessed token
                _ => new byte[1000],
            };
            stranger.Send(said);
            if (index % 8 == 7)
            {
                stranger.Close(0);
            }
            else
            {
                strangers.Add(stranger);
            }
        }

        (Connection mine, Connection theirs) = ConnectPair(low, high);
        for (uint message = 0; message < 10; message++)
        {
            Assert.True(mine.TryGetSendSlot() != null);
            mine.Send(new MessageHeader { Sequence = message, ByteCount = 100 });
            MessageHeader header = default;
            TcpWorld.Until(() => theirs.TryReceive(out header, out _), "the message", low, high);
            Assert.Equal(message, header.Sequence);
            theirs.Release();
        }

        Assert.Null(high.Failure);
        Assert.All(strangers, stranger => Assert.Equal(0, stranger.Available)); // nobody was answered
        Assert.Single(log.Messages, message => message.Contains("was refused", StringComparison.Ordinal));
        strangers.ForEach(stranger => stranger.Dispose());
    }

    [Fact]
    public void Acceptor_SilentStrangers_AreDroppedInTime()
    {
        TcpSettings settings = new() { GreetingTimeout = TimeSpan.FromMilliseconds(50) };
        using TcpAcceptor acceptor = new([new Candidate("lo", IPAddress.Loopback, 0, true)], settings, 0, NullLogger.Instance);
        using Socket stranger = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        stranger.Connect(acceptor.Addresses[0].EndPoint);
        stranger.Blocking = false;
        byte[] buffer = new byte[1];
        SocketError error = default;
        TcpWorld.Until(
            () =>
            {
                acceptor.Turn(TimeSpan.FromMilliseconds(10));
                return stranger.Receive(buffer, 0, 1, SocketFlags.None, out error) == 0 && error != SocketError.WouldBlock;
            },
            "the end of the stranger's connection");
    }

    /// <summary>Addresses that refuse, stay silent, close, or answer wrongly come first; the peer's own is last.</summary>
    [Fact]
    public void Connector_OnlyTheLastAddressIsThePeer_FindsIt()
    {
        TcpSettings settings = new() { CandidateTimeout = TimeSpan.FromMilliseconds(200) };
        using TcpAcceptor own = new([new Candidate("lo", IPAddress.Loopback, 0, true)], settings, 0, NullLogger.Instance);
        using TcpAcceptor wrongHost = new([new Candidate("lo", IPAddress.Loopback, 0, true)], settings, 2, NullLogger.Instance);
        using TcpAcceptor peer = new([new Candidate("lo", IPAddress.Loopback, 0, true)], settings, 1, NullLogger.Instance);
        using Socket silent = Listen(out Candidate silentCandidate);
        using Socket closed = Listen(out Candidate refusing);
        closed.Dispose();
        using Socket liar = Listen(out Candidate lying);
        UInt128 token = Greeting.NewToken();
        UInt128 answer = Greeting.NewToken();
        TcpExpectation expectation = new() { Answer = answer };
        peer.Expect(token, expectation);
        bool stop = false;
        Task serving = TcpWorld.Start(() =>
        {
            Socket? lied = null;
            while (!Volatile.Read(ref stop))
            {
                peer.Turn(TimeSpan.FromMilliseconds(5));
                wrongHost.Turn(TimeSpan.Zero);
                if (lied is null && liar.Poll(0, SelectMode.SelectRead))
                {
                    lied = liar.Accept();
                    lied.Send(new byte[Greeting.TokenBytes]);
                }
            }

            lied?.Dispose();
        });
        try
        {
            TcpConnector connector = new(own, settings, 0, 1, () => false);
            using Socket socket = connector.Connect([refusing, silentCandidate, lying, .. wrongHost.Addresses, .. peer.Addresses], token, answer, Environment.TickCount64 + 10_000);
            TcpWorld.Until(() => expectation.Socket is not null, "the acceptor's side");
            Assert.Equal(peer.Addresses[0].EndPoint, socket.RemoteEndPoint);
            expectation.Socket!.Dispose();
        }
        finally
        {
            Volatile.Write(ref stop, true);
            TcpWorld.Finish(serving);
        }
    }

    [Fact]
    public void Complete_PeerNeverConnects_ThrowsByTheDeadlineAndNamesIt()
    {
        using TcpTransport low = new(TcpWorld.Context(0, 2, timeout: TimeSpan.FromMilliseconds(200)), new TcpSettings { Addresses = [TcpWorld.Loopback4] });
        using TcpTransport high = new(TcpWorld.Context(1, 2, timeout: TimeSpan.FromMilliseconds(200)), new TcpSettings { Addresses = [TcpWorld.Loopback4] });
        using PendingConnection lowHalf = low.BeginConnect(1, 1);
        using PendingConnection highHalf = high.BeginConnect(0, 1);
        CollectiveException e = Assert.Throws<CollectiveException>(() => highHalf.Complete(lowHalf.LocalInfo));
        Assert.Equal((Error.Transport, 1, 0), (e.Error, e.Rank, e.Peer));
        Assert.Contains("127.0.0.1", e.Message);
        e = Assert.Throws<CollectiveException>(() => lowHalf.Complete(highHalf.LocalInfo));
        Assert.Equal((Error.Transport, 0, 1), (e.Error, e.Rank, e.Peer));
        Assert.Contains("RDMACC_INTERFACE", e.Message);
    }

    [Fact]
    public void Complete_DamagedRemoteInfo_IsAProtocolError()
    {
        using TcpTransport low = new(TcpWorld.Context(0, 2), new TcpSettings { Addresses = [TcpWorld.Loopback4] });
        using TcpTransport high = new(TcpWorld.Context(1, 2), new TcpSettings { Addresses = [TcpWorld.Loopback4] });
        using PendingConnection mine = low.BeginConnect(1, 2);
        using PendingConnection theirs = high.BeginConnect(0, 2);
        for (int length = 0; length < theirs.LocalInfo.Length; length++)
        {
            Assert.Equal(Error.Protocol, Assert.Throws<CollectiveException>(() => mine.Complete(theirs.LocalInfo.AsSpan(0, length))).Error);
        }
    }

    [Fact]
    public void WhyNotReachable_OnlyLoopbackOnAnotherHost_SaysSo()
    {
        using TcpTransport transport = new(TcpWorld.Context(0, 2), new TcpSettings { Addresses = [TcpWorld.Loopback4] });
        byte[] elsewhere = new TcpDescription("another host", [new Candidate("lo", IPAddress.Loopback, 5, OnlyThisHost: true)]).ToBytes();
        Assert.Contains("only loopback", transport.WhyNotReachable(1, elsewhere));
        Assert.Contains("does not understand", transport.WhyNotReachable(1, [9, 9, 9]));
    }

    [Fact]
    public void Adopt_DataSocket_HasItsOptions()
    {
        using Socket listener = Listen(out Candidate candidate);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(candidate.EndPoint);
        TcpSocketOptions.SetForData(socket);
        Assert.True(socket.NoDelay);
        Assert.False(socket.Blocking);
        int Tcp(SocketOptionName name) => (int)socket.GetSocketOption(SocketOptionLevel.Tcp, name)!;
        Assert.Equal(5, Tcp(SocketOptionName.TcpKeepAliveTime) + (Tcp(SocketOptionName.TcpKeepAliveInterval) * Tcp(SocketOptionName.TcpKeepAliveRetryCount)));
    }

    [Fact]
    public void SetForData_InsideTheHost_DoesWithoutACongestionControlThatPaces()
    {
        using Socket listener = Listen(out Candidate candidate);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(candidate.EndPoint);
        string? other = File.ReadAllText("/proc/sys/net/ipv4/tcp_allowed_congestion_control").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(static name => name != "reno");
        Assert.SkipUnless(other is not null, "This kernel allows reno alone (tcp_allowed_congestion_control).");
        socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpCongestion, Encoding.ASCII.GetBytes(other));
        TcpSocketOptions.SetForData(socket);
        byte[] name = new byte[16];
        int length = socket.GetRawSocketOption((int)SocketOptionLevel.Tcp, TcpCongestion, name);
        Assert.Equal("reno", Encoding.ASCII.GetString(name, 0, length).TrimEnd('\0'));
    }

    private static (Connection Low, Connection High) ConnectPair(TcpTransport low, TcpTransport high)
    {
        using PendingConnection lowHalf = low.BeginConnect(1, 1);
        using PendingConnection highHalf = high.BeginConnect(0, 1);
        Task<Connection> accepting = Task.Factory.StartNew(() => highHalf.Complete(lowHalf.LocalInfo)[0], CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Connection connection = lowHalf.Complete(highHalf.LocalInfo)[0];
        Assert.True(accepting.Wait(TcpWorld.Deadline));
        return (connection, accepting.Result);
    }

    private static Socket Listen(out Candidate candidate)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(10);
        candidate = new Candidate("lo", IPAddress.Loopback, ((IPEndPoint)socket.LocalEndPoint!).Port, true);
        return socket;
    }

    private sealed class RecordingLoggerFactory : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Messages { get; } = [];

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Messages.Enqueue(formatter(state, exception));
    }
}
