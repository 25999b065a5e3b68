using System.Diagnostics;
using System.Net.Sockets;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>The rendezvous when processes end, strangers call, and the thread pool stands still.</summary>
public sealed class RendezvousServerTests
{
    [Fact]
    public void Death_OfAProcess_IsToldWithProcessHostAndHowItEnded()
    {
        using var server = RendezvousServer.Start(new RendezvousServerOptions { WorldSize = 2, Secret = TestWorld.Secret, ExitReportGrace = TimeSpan.FromSeconds(1) });
        ControlPlane[] planes = Ranks.Run(2, rank => Ranks.Join(rank, 2, server.EndPoint.Port));
        planes[1].Dispose();
        server.ReportExit(1, "it was killed by signal 9 (SIGKILL)");
        Ranks.Await(() => planes[0].Faults.IsSet, "the death");
        Assert.StartsWith($"Rank 1 (process {Environment.ProcessId} on {Environment.MachineName}) died: it was killed by signal 9 (SIGKILL).", planes[0].Faults.Current!.Message, StringComparison.Ordinal);
        Ranks.LeaveAll(planes);
    }

    [Fact]
    public void Death_NobodySaysHow_IsToldAfterTheGrace()
    {
        using var server = RendezvousServer.Start(new RendezvousServerOptions { WorldSize = 2, Secret = TestWorld.Secret, ExitReportGrace = TimeSpan.FromMilliseconds(200) });
        ControlPlane[] planes = Ranks.Run(2, rank => Ranks.Join(rank, 2, server.EndPoint.Port));
        planes[1].Dispose();
        Ranks.Await(() => planes[0].Faults.IsSet, "the death");
        Assert.Contains("ended without a goodbye", planes[0].Faults.Current!.Message, StringComparison.Ordinal);
        Ranks.LeaveAll(planes);
    }

    [Fact]
    public void ReportExit_ConnectionStillOpen_IsADeath()
    {
        using TestWorld world = TestWorld.Create(2);
        world.Server!.ReportExit(1, "it exited with code 3"); // a forked child may hold the socket open
        Ranks.Await(() => world.Planes[0].Faults.IsSet, "the death");
        Assert.Contains("it exited with code 3", world.Planes[0].Faults.Current!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReportExit_AfterGoodbye_IsNothing()
    {
        using TestWorld world = TestWorld.Create(2);
        world.Planes[1].Leave();
        world.Server!.ReportExit(1, "it exited with code 0");
        Thread.Sleep(200);
        Assert.False(world.Planes[0].Faults.IsSet);
    }

    [Fact]
    public void Dispose_WithRanksInside_IsNoFaultAndTheyGoOn()
    {
        using TestWorld world = TestWorld.Create(3);
        world.Server!.Dispose();
        foreach (IControlPlane plane in world.Planes)
        {
            Ranks.Await(() => ((ControlPlane)plane).Link.WhyNoNewcomers is not null, "the end of the rendezvous");
            Assert.Contains("no newcomers can join", ((ControlPlane)plane).Link.WhyNoNewcomers, StringComparison.Ordinal);
        }

        Ranks.Run(3, rank => Assert.Equal(3, world.Planes[rank].AllGather([], TestWorld.Wait).Length));
        Assert.All(world.Planes, plane => Assert.False(plane.Faults.IsSet));
        world.Planes[2].Dispose(); // and a death is still noticed, by all
        Ranks.Await(() => world.Planes[0].Faults.IsSet && world.Planes[1].Faults.IsSet, "the death");
    }

    [Fact]
    public void HostedByRankZero_ItDies_OthersSeeTheDeathOfRankZero()
    {
        IControlPlane[] planes = JoinHosted(3);
        planes[0].Dispose();
        foreach (IControlPlane plane in planes[1..])
        {
            Ranks.Await(() => plane.Faults.IsSet, "the death of rank 0");
            Assert.Equal((Error.PeerDied, 0, true), (plane.Faults.Current!.Error, plane.Faults.Current.Peer, plane.Faults.Current.IsProven));
        }

        Ranks.LeaveAll(planes[1..]);
    }

    [Fact]
    public void HostedByRankZero_ItLeaves_ServesTheOthersUntilTheLastHasLeft()
    {
        IControlPlane[] planes = JoinHosted(3);
        Ranks.LeaveAll(planes[..1]);
        planes[1].SendToPeer(2, 4, [8]);
        Assert.Equal([8], planes[2].ReceiveFromPeer(1, 4, TestWorld.Wait));
        Assert.All(planes[1..], p => Assert.False(p.Faults.IsSet));
        Ranks.LeaveAll(planes[1..]);
    }

    [Fact]
    public void Strangers_WithGarbageAndHalfMessages_AreDroppedAndRanksStillJoin()
    {
        const int Seed = 20_260_412;
        var log = new LogRecorder();
        using RendezvousServer server = TestWorld.StartServer(2, log: log);
        int port = server.EndPoint.Port;
        var random = new Random(Seed);
        var strangers = new List<Socket>();
        for (int i = 0; i < 40; i++)
        {
            Socket stranger = RawPeer.Connect(port);
            byte[] bytes = new byte[1 + random.Next(300)];
            random.NextBytes(bytes);
            switch (i % 4)
            {
                case 0: stranger.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8); break;
                case 1: stranger.Send(bytes); break;
                case 2: RawPeer.Send(stranger, bytes); break;
                default: stranger.Send([0x40, 0, 0, 0, 1, 2, 3]); break; // a message that never ends
            }

            strangers.Add(stranger);
        }

        ControlPlane[] planes = Ranks.Run(2, rank => Ranks.Join(rank, 2, port));
        Ranks.Run(2, rank => planes[rank].AllGather([1], TestWorld.Wait));
        Assert.All(strangers.Where((_, i) => i % 4 == 0), s => Assert.True(RawPeer.IsClosedWithin(s, TimeSpan.FromSeconds(10))));
        Assert.Single(log.Warnings); // one address, one line
        Ranks.LeaveAll(planes);
        strangers.ForEach(s => s.Dispose());
    }

    [Fact]
    public void Strangers_SilentAndMoreThanTheCap_AreClosedByTheDeadlineAndRanksGetIn()
    {
        using RendezvousServer server = TestWorld.StartServer(1);
        Socket[] silent = [.. Enumerable.Range(0, 100).Select(_ => RawPeer.Connect(server.EndPoint.Port))];
        var clock = Stopwatch.StartNew();
        using ControlPlane plane = Ranks.Join(0, 1, server.EndPoint.Port); // waits in the backlog until the first of them are closed
        Assert.All(silent, s => Assert.True(RawPeer.IsClosedWithin(s, TimeSpan.FromSeconds(20))));
        Assert.InRange(clock.Elapsed.TotalSeconds, 3, 40);
        plane.Leave();
        Array.ForEach(silent, s => s.Dispose());
    }

    [Fact]
    public void Handshake_ProvedButNotConfirmed_DoesNotTakeTheRank()
    {
        using RendezvousServer server = TestWorld.StartServer(1);
        using (Socket slow = RawPeer.Connect(server.EndPoint.Port))
        {
            using var handshake = new ClientHandshake("here", JoinIdentity.OfThisProcess(0, 1, ""), AuthenticationMode.Secret, System.Text.Encoding.UTF8.GetBytes(TestWorld.Secret));
            RawPeer.Send(slow, handshake.Hello());
            RawPeer.Send(slow, handshake.Finish(RawPeer.Receive(slow)));
            handshake.Complete(RawPeer.Receive(slow));
        }

        using ControlPlane plane = Ranks.Join(0, 1, server.EndPoint.Port); // the first attempt gave up before it said that it is here
        plane.Leave();
    }

    [Fact]
    public void Handshake_ProvedAndSlowToConfirm_IsNotTakenForAStranger()
    {
        using RendezvousServer server = TestWorld.StartServer(1);
        using Socket slow = RawPeer.Connect(server.EndPoint.Port);
        using var handshake = new ClientHandshake("here", JoinIdentity.OfThisProcess(0, 1, ""), AuthenticationMode.Secret, System.Text.Encoding.UTF8.GetBytes(TestWorld.Secret));
        RawPeer.Send(slow, handshake.Hello());
        RawPeer.Send(slow, handshake.Finish(RawPeer.Receive(slow)));
        handshake.Complete(RawPeer.Receive(slow));
        Assert.False(RawPeer.IsClosedWithin(slow, WireProtocol.HandshakeDeadline + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void ThreadPool_AllThreadsBlocked_ControlGoesOn()
    {
        using TestWorld world = TestWorld.Create(2);
        ThreadPool.GetMaxThreads(out int workers, out int io);
        ThreadPool.GetMinThreads(out int least, out _);
        var release = new ManualResetEventSlim(); // not disposed: the pool may still be leaving it when this test ends
        int probes = 0;
        try
        {
            int most = Math.Max(Math.Max(least, Environment.ProcessorCount), ThreadPool.ThreadCount);
            Assert.True(ThreadPool.SetMaxThreads(most, io));
            for (int i = 0; i < most; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(_ => release.Wait(Ranks.Deadline), null);
            }

            Thread.Sleep(300);
            ThreadPool.UnsafeQueueUserWorkItem(_ => Interlocked.Increment(ref probes), null);
            Ranks.Run(2, rank =>
            {
                for (int round = 0; round < 20; round++)
                {
                    Assert.Equal(2, world.Planes[rank].AllGather([(byte)round], TestWorld.Wait).Length);
                }
            });
            world.Planes[0].Dispose();
            Ranks.Await(() => world.Planes[1].Faults.IsSet, "the death of rank 0");
            Assert.Equal(0, Volatile.Read(ref probes)); // the pool really stood still
        }
        finally
        {
            release.Set();
            ThreadPool.SetMaxThreads(workers, io);
        }
    }

    private static IControlPlane[] JoinHosted(int worldSize)
    {
        int port = RawPeer.FreePort();
        return Ranks.Run(worldSize, rank => WorldJoin.Join(Ranks.Options(rank, worldSize, port) with { RankZeroHostsRendezvous = true }));
    }
}
