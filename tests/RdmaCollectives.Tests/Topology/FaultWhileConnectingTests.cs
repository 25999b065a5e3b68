using System.Diagnostics;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Tests.Bootstrap;
using RdmaCollectives.Tests.Execution;
using RdmaCollectives.Topology;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.Tcp;

namespace RdmaCollectives.Tests.Topology;

/// <summary>A rank that waits in a transport for a peer to connect looks at no fault flag: the fault must reach it all the same.</summary>
public sealed class FaultWhileConnectingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Create_PeerDiesBeforeItConnects_EndsWithItsDeathLongBeforeTheDeadline(bool ofASplit)
    {
        using TestWorld world = TestWorld.Create(2);
        IControlPlane[] planes = ofASplit ? Ranks.Run(2, rank => world.Planes[rank].Split(0, 0, TestWorld.Wait)!) : world.Planes;
        Task<Exception?> waits = Deadline.Start(() => CommunicatorFactory.Create(Options(1), planes[1]).Dispose());
        SetUpUntilItWouldConnect(planes[0]);
        Thread.Sleep(300);
        Assert.False(waits.IsCompleted);
        long start = Stopwatch.GetTimestamp();
        planes[0].Dispose();
        world.Planes[0].Dispose();
        CommunicatorFaultException e = Assert.IsType<CommunicatorFaultException>(Deadline.Wait(waits));
        Assert.Equal((Error.PeerDied, 0), (e.Reason, e.Peer));
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5), $"{Stopwatch.GetElapsedTime(start)}");
    }

    // What the lower rank does, up to the connect that the higher one waits for.
    private static void SetUpUntilItWouldConnect(IControlPlane plane)
    {
        ResolvedOptions options = Options(0);
        plane.AllGather(Hello.Of(options, 1).ToBytes(), TestWorld.Wait);
        using var transports = new TransportSet();
        transports.Start(TransportIndex.Tcp, () => new TcpTransport(new TransportContext
        {
            Rank = 0,
            WorldSize = 2,
            SlotBytes = options.ChunkBytes,
            SlotCount = options.Slots,
            Epoch = 1,
            CommunicatorId = 1,
            ConnectTimeout = options.JoinTimeout,
            Options = options,
            LoggerFactory = options.LoggerFactory,
        }));
        plane.AllGather(transports.Describe(), TestWorld.Wait);
        plane.AllGather([0, 1 << TransportIndex.Tcp], TestWorld.Wait);
        using PendingConnection pending = transports[TransportIndex.Tcp]!.BeginConnect(1, options.Channels);
        plane.SendToPeer(1, 1, pending.LocalInfo);
    }

    private static ResolvedOptions Options(int rank)
    {
        bool[] allowed = new bool[TransportIndex.Count];
        allowed[TransportIndex.Tcp] = true;
        return Ranks.Options(rank, 2, port: 0) with { AllowedTransports = allowed, JoinTimeout = TimeSpan.FromSeconds(20) };
    }
}
