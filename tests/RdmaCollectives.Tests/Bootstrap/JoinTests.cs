using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Mesh;
using RdmaCollectives.Configuration;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>Ranks that come, come twice, come late, or do not come.</summary>
public sealed class JoinTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(16)]
    public void Join_AllRanks_EachSeesAllMembers(int worldSize)
    {
        using TestWorld world = TestWorld.Create(worldSize);
        foreach (ControlPlane plane in world.Planes.Cast<ControlPlane>())
        {
            Assert.Equal(Enumerable.Range(0, worldSize), ((MeshLink)plane.Link).Members.Select(m => m.Rank));
            Assert.All(((MeshLink)plane.Link).Members, m => Assert.Equal((Environment.ProcessId, Environment.MachineName), (m.Who.ProcessId, m.Who.HostName)));
            Assert.False(plane.Faults.IsSet);
        }
    }

    [Fact]
    public void Join_BeforeTheServerListens_RetriesUntilItDoes()
    {
        int port = RawPeer.FreePort();
        RendezvousServer? server = null;
        Ranks.Run(2, who =>
        {
            if (who == 0)
            {
                using ControlPlane plane = Ranks.Join(0, 1, port);
                plane.Leave();
            }
            else
            {
                Thread.Sleep(300);
                server = RendezvousServer.Start(new RendezvousServerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, port), WorldSize = 1, Secret = TestWorld.Secret });
            }
        });
        server!.Dispose();
    }

    [Fact]
    public void Join_SameRankTwice_NewcomerIsRefusedAndTheHolderStays()
    {
        var log = new LogRecorder();
        using RendezvousServer server = TestWorld.StartServer(2, log: log);
        int port = server.EndPoint.Port;
        ControlPlane? holder = null;
        var waiting = new Thread(() => holder = Ranks.Join(1, 2, port)) { IsBackground = true };
        waiting.Start();
        Ranks.Await(() => log.Messages.Any(m => m.Text.Contains("joined, 1 of 2", StringComparison.Ordinal)), "the first rank 1", seconds: 30);

        RendezvousException refused = Assert.Throws<RendezvousException>(() => Ranks.Join(1, 2, port));
        Assert.Contains($"Rank 1 is taken by process {Environment.ProcessId} on {Environment.MachineName}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("RDMACC_RANK", refused.Message, StringComparison.Ordinal);

        using ControlPlane zero = Ranks.Join(0, 2, port);
        Assert.True(waiting.Join(Ranks.Deadline));
        Ranks.LeaveAll([zero, holder!]);
    }

    [Fact]
    public void Join_AfterTheStart_IsRefused()
    {
        using TestWorld world = TestWorld.Create(2);
        world.Planes[1].Leave();
        RendezvousException refused = Assert.Throws<RendezvousException>(() => Ranks.Join(1, 2, world.Server!.EndPoint.Port));
        Assert.Contains("has begun and rank 1 of it has left", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_RankGivesUpBeforeTheStart_AnotherProcessCanTakeIt()
    {
        using RendezvousServer server = TestWorld.StartServer(2);
        int port = server.EndPoint.Port;
        Assert.Throws<RendezvousException>(() => RendezvousLink.Join(Ranks.Options(1, 2, port) with { JoinTimeout = TimeSpan.FromMilliseconds(500) }));
        Ranks.LeaveAll(Ranks.Run(2, rank => Ranks.Join(rank, 2, port)));
    }

    [Fact]
    public void Join_OtherWorldSize_IsRefusedNamingBoth()
    {
        using RendezvousServer server = TestWorld.StartServer(3);
        RendezvousException refused = Assert.Throws<RendezvousException>(() => Ranks.Join(0, 5, server.EndPoint.Port));
        Assert.Contains("this rank is 5", refused.Message, StringComparison.Ordinal);
        Assert.Contains("is 3.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_OtherJob_IsRefusedNamingBoth()
    {
        using var server = RendezvousServer.Start(new RendezvousServerOptions { WorldSize = 1, Secret = TestWorld.Secret, JobId = "blue" });
        RendezvousException refused = Assert.Throws<RendezvousException>(() => RendezvousLink.Join(Ranks.Options(0, 1, server.EndPoint.Port) with { JobId = "green" }));
        Assert.Contains("'blue'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'green'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_NobodyListens_NamesAddressAndRemedyByTheDeadline()
    {
        int port = RawPeer.FreePort();
        var clock = Stopwatch.StartNew();
        RendezvousException unreachable = Assert.Throws<RendezvousException>(() => RendezvousLink.Join(Ranks.Options(2, 4, port) with { JoinTimeout = TimeSpan.FromSeconds(1) }));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
        Assert.Contains($"127.0.0.1:{port}", unreachable.Message, StringComparison.Ordinal);
        Assert.Contains("Connection refused", unreachable.Message, StringComparison.Ordinal);
        Assert.Contains("RDMACC_JOIN_TIMEOUT", unreachable.Message, StringComparison.Ordinal);
        Assert.Equal(111, unreachable.NativeError); // ECONNREFUSED
    }

    [Fact]
    public void Join_SilentListener_EndsByTheDeadline()
    {
        using Socket listener = RawPeer.Listen();
        var clock = Stopwatch.StartNew();
        Assert.Throws<RendezvousException>(() => RendezvousLink.Join(Ranks.Options(0, 2, RawPeer.PortOf(listener)) with { JoinTimeout = TimeSpan.FromSeconds(1) }));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.5, 10);
    }

    [Fact]
    public void Join_NotAllCome_EveryRankIsToldWhoIsMissing()
    {
        using RendezvousServer server = TestWorld.StartServer(5, joinTimeout: TimeSpan.FromSeconds(4));
        int[] present = [0, 2, 3];
        string[] messages = Ranks.Run(3, i => Assert.Throws<RendezvousException>(() => Ranks.Join(present[i], 5, server.EndPoint.Port)).Message);
        Assert.All(messages, m => Assert.StartsWith("Ranks 1 and 4 of 5 did not join", m, StringComparison.Ordinal));

        // Who comes later gets the same answer at once.
        Assert.StartsWith("Ranks 1 and 4 of 5", Assert.Throws<RendezvousException>(() => Ranks.Join(1, 5, server.EndPoint.Port)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_OwnPatienceIsShorterThanTheServers_StillNamesTheMissing()
    {
        using RendezvousServer server = TestWorld.StartServer(3);
        RendezvousException e = Assert.Throws<RendezvousException>(() => RendezvousLink.Join(Ranks.Options(1, 3, server.EndPoint.Port) with { JoinTimeout = TimeSpan.FromSeconds(2) }));
        Assert.StartsWith("Ranks 0 and 2 of 3 did not join", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_CancelledWhileOthersAreMissing_ThrowsForTheToken()
    {
        using RendezvousServer server = TestWorld.StartServer(2);
        using var cancel = new CancellationTokenSource(300);
        Assert.ThrowsAny<OperationCanceledException>(() => RendezvousLink.Join(Ranks.Options(0, 2, server.EndPoint.Port), cancellationToken: cancel.Token));
    }

    [Fact]
    public void Join_CancelledInTheHandshake_ThrowsForTheToken()
    {
        using Socket silent = RawPeer.Listen();
        using var cancel = new CancellationTokenSource(300);
        var clock = Stopwatch.StartNew();
        Assert.ThrowsAny<OperationCanceledException>(() => RendezvousLink.Join(Ranks.Options(0, 2, RawPeer.PortOf(silent)), cancellationToken: cancel.Token));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 4);
    }

    [Fact]
    public void Start_PortIsTaken_SaysSo()
    {
        using RendezvousServer first = TestWorld.StartServer(1);
        RendezvousException e = Assert.Throws<RendezvousException>(() => RendezvousServer.Start(new RendezvousServerOptions { EndPoint = first.EndPoint, Secret = TestWorld.Secret }));
        Assert.Contains(first.EndPoint.ToString(), e.Message, StringComparison.Ordinal);
        Assert.Contains("already in use", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetEnvironment_ForARank_ResolvesToItsOptions()
    {
        using var server = RendezvousServer.Start(new RendezvousServerOptions { WorldSize = 3, Secret = TestWorld.Secret, JobId = "blue" });
        ResolvedOptions options = OptionResolver.Resolve(new CommunicatorOptions(), new OptionInputs(server.GetEnvironment(2), _ => ""));
        Assert.Equal((2, 3, $"127.0.0.1:{server.EndPoint.Port}", "blue", false), (options.Rank, options.WorldSize, options.Rendezvous, options.JobId, options.RankZeroHostsRendezvous));
        Assert.Equal(System.Text.Encoding.UTF8.GetBytes(TestWorld.Secret), options.Secret);
    }
}
