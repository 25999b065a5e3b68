using System.Net.Sockets;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>Who is let in by whom, and what a man in the middle can do.</summary>
public sealed class TrustTests
{
    [Fact]
    public void Join_WrongSecret_IsRefusedAndLoggedOnceWithoutTheSecrets()
    {
        const string Wrong = "quite another secret of enough characters";
        var log = new LogRecorder();
        using RendezvousServer server = TestWorld.StartServer(1, log: log);
        for (int i = 0; i < 3; i++)
        {
            RendezvousException refused = Assert.Throws<RendezvousException>(() => Ranks.Join(0, 1, server.EndPoint.Port, Wrong));
            Assert.Contains("the secret differs", refused.Message, StringComparison.Ordinal);
            Assert.Contains("RDMACC_SECRET_FILE", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Wrong, refused.ToString(), StringComparison.Ordinal);
        }

        Assert.Single(log.Warnings, w => w.Contains("127.0.0.1", StringComparison.Ordinal) && w.Contains("proof does not hold", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Messages, m => m.Text.Contains(Wrong, StringComparison.Ordinal) || m.Text.Contains(TestWorld.Secret, StringComparison.Ordinal));
    }

    [Fact]
    public void Join_SecretOnOneSideOnly_IsRefusedWithAdvice()
    {
        using RendezvousServer with = TestWorld.StartServer(1);
        RendezvousException refused = Assert.Throws<RendezvousException>(() => Ranks.Join(0, 1, with.EndPoint.Port, secret: null));
        Assert.Contains("demands the job's secret", refused.Message, StringComparison.Ordinal);

        using RendezvousServer without = TestWorld.StartServer(1, secret: null);
        refused = Assert.Throws<RendezvousException>(() => Ranks.Join(0, 1, without.EndPoint.Port));
        Assert.Contains("the rendezvous has none", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_ShortSecret_IsRefusedWithoutShowingIt()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => RendezvousServer.Start(new RendezvousServerOptions { Secret = "hunter2" }));
        Assert.DoesNotContain("hunter2", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Join_ServerOfAnotherVersion_IsRefusedNamingBoth()
    {
        using Socket listener = RawPeer.Listen();
        Ranks.Run(2, who =>
        {
            if (who == 0)
            {
                using Socket rank = listener.Accept();
                using var newer = new ServerHandshake(AuthenticationMode.Secret, [], version: 7);
                RawPeer.Send(rank, newer.Take(RawPeer.Receive(rank)));
                Assert.Contains("version 1", newer.Refused, StringComparison.Ordinal);
            }
            else
            {
                RendezvousException refused = Assert.Throws<RendezvousException>(() => Ranks.Join(0, 1, RawPeer.PortOf(listener)));
                Assert.Contains("wire version 7, this rank 1", refused.Message, StringComparison.Ordinal);
            }
        });
    }

    [Fact]
    public void Join_RankOfAnotherVersion_IsRefusedByTheServer()
    {
        var log = new LogRecorder();
        using RendezvousServer server = TestWorld.StartServer(1, log: log);
        using Socket rank = RawPeer.Connect(server.EndPoint.Port);
        using var newer = new ClientHandshake("here", JoinIdentity.OfThisProcess(0, 1, ""), AuthenticationMode.Secret, [1], version: 9);
        RawPeer.Send(rank, newer.Hello());
        RendezvousException refused = Assert.Throws<RendezvousException>(() => newer.Finish(RawPeer.Receive(rank)));
        Assert.Contains("wire version 1, this rank 9", refused.Message, StringComparison.Ordinal);
        Ranks.Await(() => log.Warnings.Any(w => w.Contains("wire version 9", StringComparison.Ordinal)), "the server's word on the version");
    }

    [Fact]
    public void Join_NoSecretOnOneHost_GoesOverTheUnixSocket()
    {
        using RendezvousServer server = TestWorld.StartServer(2, secret: null);
        ControlPlane[] planes = Ranks.Run(2, rank => Ranks.Join(rank, 2, server.EndPoint.Port, secret: null));
        byte[][][] gathered = Ranks.Run(2, rank => planes[rank].AllGather([(byte)rank], TestWorld.Wait));
        Assert.All(gathered, g => Assert.Equal([0, 1], g.Select(b => (int)b[0])));
        Ranks.LeaveAll(planes);
    }

    [Fact]
    public void Join_NoSecretFromElsewhere_IsRefusedWithTheOneCommand()
    {
        using RendezvousServer server = TestWorld.StartServer(1, secret: null);
        using var elsewhere = new Proxy(server.EndPoint.Port); // its port has no unix socket beside it, like another host's
        RendezvousException refused = Assert.Throws<RendezvousException>(() => Ranks.Join(0, 1, elsewhere.Port, secret: null));
        Assert.Contains("head -c 32 /dev/urandom | base64", refused.Message, StringComparison.Ordinal);
        Assert.Contains("RDMACC_INSECURE=1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_InsecureOnBothSides_WorksFromElsewhereAndWarnsOnce()
    {
        var log = new LogRecorder();
        using var server = RendezvousServer.Start(new RendezvousServerOptions { WorldSize = 2, Insecure = true, LoggerFactory = log });
        using var elsewhere = new Proxy(server.EndPoint.Port);
        Ranks.LeaveAll(Ranks.Run(2, rank => RendezvousLink.Join(Ranks.Options(rank, 2, elsewhere.Port, secret: null) with { Insecure = true })));
        Assert.Single(log.Warnings, w => w.Contains("RDMACC_INSECURE", StringComparison.Ordinal));
    }

    [Fact]
    public void ManInTheMiddle_FlipsAByteOfTheHandshake_NobodyJoins()
    {
        using RendezvousServer server = TestWorld.StartServer(1);
        using var proxy = new Proxy(server.EndPoint.Port);
        proxy.FlipOnce(fromRank: true, offset: 20); // in the client's nonce
        RendezvousException e = Assert.Throws<RendezvousException>(() => Ranks.Join(0, 1, proxy.Port));
        Assert.Contains("altered on their way", e.Message, StringComparison.Ordinal);
        using ControlPlane plane = Ranks.Join(0, 1, server.EndPoint.Port); // the rank was not taken
        plane.Leave();
    }

    [Fact]
    public void Replay_OfARecordedJoin_IsRefused()
    {
        using RendezvousServer server = TestWorld.StartServer(2);
        using var proxy = new Proxy(server.EndPoint.Port);
        var recorded = new List<byte[]>();
        proxy.OnBytes = (fromRank, piece) =>
        {
            if (fromRank)
            {
                recorded.Add(piece.ToArray());
            }
        };
        Assert.Throws<RendezvousException>(() => RendezvousLink.Join(Ranks.Options(1, 2, proxy.Port) with { JoinTimeout = TimeSpan.FromSeconds(2) }));
        Assert.InRange(recorded.Count, 2, 10);

        using Socket replay = RawPeer.Connect(server.EndPoint.Port);
        replay.Send(recorded[0]);
        Assert.NotNull(RawPeer.Receive(replay)); // the server's hello, with another nonce and key
        replay.Send(recorded[1]);
        Assert.Equal([(byte)Refusal.Proof], RawPeer.Receive(replay)!);
        Assert.True(RawPeer.IsClosedWithin(replay, TimeSpan.FromSeconds(5)));
    }
}
