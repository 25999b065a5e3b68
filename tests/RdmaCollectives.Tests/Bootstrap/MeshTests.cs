using System.Net;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Mesh;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>The connections between ranks: without the rendezvous, through it, and with somebody in between.</summary>
public sealed class MeshTests
{
    [Fact]
    public void Join_NobodyReachesARank_ItsPairsAreRelayedAndSaidOnceEach()
    {
        var log = new LogRecorder();
        using RendezvousServer server = TestWorld.StartServer(3);
        int nobody = RawPeer.FreePort();
        ControlPlane[] planes = Ranks.Run(3, rank => rank == 0
            ? MeshRank.Join(Ranks.Options(0, 3, server.EndPoint.Port), _ => new IPEndPoint(IPAddress.Loopback, nobody))
            : RendezvousLink.Join(Ranks.Options(rank, 3, server.EndPoint.Port) with { LoggerFactory = log }));
        Ranks.Run(3, rank =>
        {
            for (int round = 0; round < 20; round++)
            {
                Assert.Equal(3, planes[rank].AllGather(new byte[round * 1000], TestWorld.Wait).Length);
            }

            planes[rank].SendToPeer((rank + 1) % 3, 1, [(byte)rank]);
            Assert.Equal([(byte)((rank + 2) % 3)], planes[rank].ReceiveFromPeer((rank + 2) % 3, 1, TestWorld.Wait));
        });
        Assert.Equal(2, log.Warnings.Count(w => w.Contains("no control connection to rank 0", StringComparison.Ordinal)));

        planes[0].Leave();
        Ranks.Await(() => planes[1].HasLeft(0) && planes[2].HasLeft(0), "the goodbye through the rendezvous");
        planes[0].Dispose();
        Ranks.LeaveAll(planes[1..]);
    }

    [Fact]
    public void Relayed_TheRendezvousEnds_IsASuspicionOfTheRelayedOnly()
    {
        using RendezvousServer server = TestWorld.StartServer(3);
        int nobody = RawPeer.FreePort();
        ControlPlane[] planes = Ranks.Run(3, rank => MeshRank.Join(Ranks.Options(rank, 3, server.EndPoint.Port), at => rank == 0 ? new IPEndPoint(IPAddress.Loopback, nobody) : at));
        server.Dispose();
        Ranks.Await(() => planes[1].Faults.IsSet && planes[2].Faults.IsSet && planes[0].Faults.IsSet, "the suspicion");
        Assert.Equal((Error.PeerDied, 0, false), (planes[1].Faults.Current!.Error, planes[1].Faults.Current!.Peer, planes[1].Faults.Current!.IsProven));
        Assert.True(planes[1].Link.IsSuspected(0));
        Assert.False(planes[1].Link.IsProvenDead(0) || planes[1].Link.IsSuspected(2));
        Ranks.LeaveAll(planes);
    }

    [Fact]
    public void Relayed_ARankDies_IsADeath()
    {
        using RendezvousServer server = TestWorld.StartServer(2);
        ControlPlane[] planes = Ranks.Run(2, rank => MeshRank.Join(Ranks.Options(rank, 2, server.EndPoint.Port), _ => null));
        planes[0].Dispose();
        Ranks.Await(() => planes[1].Faults.IsSet, "the death");
        Assert.Equal((Error.PeerDied, 0, true), (planes[1].Faults.Current!.Error, planes[1].Faults.Current!.Peer, planes[1].Faults.Current!.IsProven));
        Ranks.LeaveAll(planes[1..]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ManInTheMiddle_FlipsAByteBetweenRanks_BothGiveEachOtherUp(bool fromConnector)
    {
        using var world = new Intercepted();
        world.Proxy.FlipOnce(fromRank: fromConnector, offset: 6);
        (ControlPlane sender, ControlPlane receiver) = fromConnector ? (world.Planes[1], world.Planes[0]) : (world.Planes[0], world.Planes[1]);
        sender.SendToPeer(receiver.Rank, 1, [1, 2, 3]);
        Ranks.Await(() => world.Planes[0].Faults.IsSet && world.Planes[1].Faults.IsSet, "the faults");
        foreach (Fault fault in new[] { receiver.Faults.Current!, sender.Faults.Current! })
        {
            Assert.Equal((Error.PeerDied, false), (fault.Error, fault.IsProven));
            Assert.Contains(fault.Peer, (int[])[sender.Rank, receiver.Rank]); // each gave the other up; whose word came first, also to itself by way of the third, is the fault
            Assert.Contains("failed its authentication", fault.Message, StringComparison.Ordinal);
        }

        Assert.False(world.Planes[2].Faults.IsSet && world.Planes[2].Faults.Current!.IsProven); // nobody died
    }

    [Fact]
    public void ManInTheMiddle_PutsAnOldFrameInPlaceOfANewOne_IsNoticed()
    {
        using var world = new Intercepted();
        byte[]? first = null;
        world.Proxy.OnBytes = (fromRank, piece) =>
        {
            if (fromRank && first is null)
            {
                first = piece.ToArray();
            }
            else if (fromRank && piece.Length == first!.Length)
            {
                first.CopyTo(piece);
            }
        };
        world.Planes[1].SendToPeer(0, 1, [1, 2, 3]);
        Assert.Equal([1, 2, 3], world.Planes[0].ReceiveFromPeer(1, 1, TestWorld.Wait));
        world.Planes[1].SendToPeer(0, 1, [4, 5, 6]);
        Assert.Throws<CommunicatorFaultException>(() => world.Planes[0].ReceiveFromPeer(1, 1, TestWorld.Wait));
    }

    [Fact]
    public void Rendezvous_ItsConnectionIsDamaged_IsNoFault()
    {
        using RendezvousServer server = TestWorld.StartServer(2);
        using var proxy = new Proxy(server.EndPoint.Port);
        ControlPlane[] planes = Ranks.Run(2, rank => MeshRank.Join(Ranks.Options(rank, 2, rank == 1 ? proxy.Port : server.EndPoint.Port), at => at));
        proxy.FlipOnce(fromRank: true, offset: 6);
        Assert.True(planes[1].Link.TrySend(new Frame(FrameKind.PeerBlob, 0, 1, new byte[] { 1 })));
        Assert.Equal([1], planes[0].ReceiveFromPeer(1, 1, TestWorld.Wait)); // past the proxy
        server.Dispose();
        Ranks.Await(() => planes[1].Link.WhyNoNewcomers is not null, "the end of the rendezvous");
        Ranks.Run(2, rank => Assert.Equal(2, planes[rank].AllGather([], TestWorld.Wait).Length));
        Ranks.LeaveAll(planes);
    }

    [Fact]
    public void Connect_WithAnotherKeyOrToAnotherRank_IsRefused()
    {
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] other = [.. key.Reverse()];
        Assert.Null(ConnectionPair.WhyNot(key, key, claimed: 0, listening: 0));
        Assert.Contains("proof does not hold", ConnectionPair.WhyNot(key, other, claimed: 0, listening: 0), StringComparison.Ordinal);
        Assert.Contains("proof does not hold", ConnectionPair.WhyNot(key, key, claimed: 1, listening: 0), StringComparison.Ordinal);
    }

    /// <summary>Three ranks; what rank 1 and 2 say to rank 0 goes through a proxy.</summary>
    private sealed class Intercepted : IDisposable
    {
        private readonly RendezvousServer _server = TestWorld.StartServer(3);
        private Proxy? _proxy;

        public Intercepted() => Planes = Ranks.Run(3, rank => MeshRank.Join(
            Ranks.Options(rank, 3, _server.EndPoint.Port),
            at => rank == 0 ? new IPEndPoint(IPAddress.Loopback, (_proxy = new Proxy(at.Port)).Port) : at));

        public ControlPlane[] Planes { get; }

        public Proxy Proxy => _proxy!;

        public void Dispose()
        {
            Ranks.LeaveAll(Planes);
            Proxy.Dispose();
            _server.Dispose();
        }
    }
}
