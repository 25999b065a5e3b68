using System.Diagnostics;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>What every control plane owes, over sockets and in process.</summary>
public sealed class ControlPlaneTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(1, true)]
    [InlineData(4, true)]
    public void AllGather_ManyRounds_EveryRankGetsEveryPartOfItsRound(int worldSize, bool local)
    {
        const int Rounds = 60;
        int[] sizes = [0, 1, 64, 5000, WireProtocol.MaxBlobBytes];
        using TestWorld world = TestWorld.Create(worldSize, local);
        Ranks.Run(worldSize, rank =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                byte[][] all = world.Planes[rank].AllGather(Blob(rank, round, sizes[(rank + round) % sizes.Length]), TestWorld.Wait);
                for (int peer = 0; peer < worldSize; peer++)
                {
                    Assert.True(Blob(peer, round, sizes[(peer + round) % sizes.Length]).AsSpan().SequenceEqual(all[peer]), $"round {round}, part {peer} at rank {rank}");
                }
            }
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ReceiveFromPeer_AskedOutOfOrder_FindsEachByPeerAndKey(bool local)
    {
        using TestWorld world = TestWorld.Create(3, local);
        Ranks.Run(3, rank =>
        {
            for (int peer = 0; peer < 3; peer++)
            {
                for (ulong key = 0; key < 20; key++)
                {
                    world.Planes[rank].SendToPeer(peer, key, Blob(rank, (int)key, 100));
                }
            }

            for (int key = 19; key >= 0; key--)
            {
                for (int peer = 2; peer >= 0; peer--)
                {
                    Assert.Equal(Blob(peer, key, 100), world.Planes[rank].ReceiveFromPeer(peer, (ulong)key, TestWorld.Wait));
                }
            }
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ReceiveFromPeer_SameKeyTwice_KeepsTheOrder(bool local)
    {
        using TestWorld world = TestWorld.Create(2, local);
        world.Planes[0].SendToPeer(1, 5, [1]);
        world.Planes[0].SendToPeer(1, 5, [2]);
        Assert.Equal([1], world.Planes[1].ReceiveFromPeer(0, 5, TestWorld.Wait));
        Assert.Equal([2], world.Planes[1].ReceiveFromPeer(0, 5, TestWorld.Wait));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AllGather_OneRankDoesNotCome_NamesIt(bool local)
    {
        using TestWorld world = TestWorld.Create(3, local);
        Ranks.Run(2, rank =>
        {
            RendezvousException e = Assert.Throws<RendezvousException>(() => world.Planes[rank].AllGather([], TimeSpan.FromSeconds(2)));
            Assert.StartsWith("Rank 2 of 3 did not take part", e.Message, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ReceiveFromPeer_NothingComes_EndsByTheDeadline(bool local)
    {
        using TestWorld world = TestWorld.Create(2, local);
        var clock = Stopwatch.StartNew();
        RendezvousException e = Assert.Throws<RendezvousException>(() => world.Planes[0].ReceiveFromPeer(1, 3, Soon));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.25, 10);
        Assert.Contains("Rank 1 did not send", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Report_ByOneRank_ReachesAllOthersOnceAndEndsTheirWaits(bool local)
    {
        using TestWorld world = TestWorld.Create(4, local);
        int[] arrivals = new int[4];
        for (int rank = 0; rank < 4; rank++)
        {
            int own = rank;
            world.Planes[rank].FaultArrived = () => Interlocked.Increment(ref arrivals[own]);
        }

        Fault fault = SomeFault(reporter: 1, peer: 3);
        long reported = 0;
        TimeSpan[] times = Ranks.Run(4, rank =>
        {
            if (rank == 1)
            {
                Thread.Sleep(200);
                Volatile.Write(ref reported, Stopwatch.GetTimestamp());
                world.Planes[1].Report(fault);
                world.Planes[1].Report(SomeFault(reporter: 1, peer: 3)); // the second has no effect
            }

            CommunicatorFaultException e = Assert.Throws<CommunicatorFaultException>(() => world.Planes[rank].AllGather([], TestWorld.Wait));
            Assert.Equal((Error.Reducer, 1, 3), (e.Reason, e.Rank, e.Peer));
            Assert.StartsWith(fault.Message + "\n", e.Message, StringComparison.Ordinal);
            return Stopwatch.GetElapsedTime(Volatile.Read(ref reported));
        });
        Assert.All(times, t => Assert.InRange(t.TotalSeconds, 0, 1));
        Ranks.Await(() => arrivals.Sum() >= 3, "three arrivals");
        Thread.Sleep(100);
        Assert.Equal([1, 0, 1, 1], arrivals);
        Assert.All(world.Planes, p => Assert.Equal(fault, p.Faults.First));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Report_FaultThatWasSetBefore_IsStillTold(bool local)
    {
        using TestWorld world = TestWorld.Create(2, local);
        Fault fault = SomeFault(reporter: 0);
        Assert.True(world.Planes[0].Faults.TrySet(fault));
        world.Planes[0].Report(fault);
        Ranks.Await(() => world.Planes[1].Faults.IsSet, "the fault", seconds: 5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ask_AfterAFault_BringsThePeersStatus(bool local)
    {
        using TestWorld world = TestWorld.Create(3, local);
        var call = new CallDescription { Kind = CallKind.AllReduce, DataType = 7, ReduceOp = 0, ElementCount = 1024, Sequence = 12 };
        world.Planes[1].StatusOf = _ => new RankStatus { IsInCall = false };
        world.Planes[2].StatusOf = sequence => new RankStatus { IsInCall = false, Asked = sequence == 12 ? call : null };
        world.Planes[0].Report(SomeFault(reporter: 0));
        Assert.Equal(call, TestWorld.Ask(world.Planes[0], 2, 12)?.Asked);
        var clock = Stopwatch.StartNew();
        Assert.Null(TestWorld.Ask(world.Planes[0], 2, 13)!.Asked); // no such call
        Assert.Null(TestWorld.Ask(world.Planes[0], 1, 12)!.Asked); // nobody to ask there
        Assert.True(clock.Elapsed < TestWorld.Wait); // "none" is an answer
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Leave_OfOneRank_IsNoFaultForTheOthers(bool local)
    {
        using TestWorld world = TestWorld.Create(3, local);
        world.Planes[0].SendToPeer(1, 9, [42]);
        world.Planes[0].Leave();
        world.Planes[0].Dispose();
        world.Planes[2].SendToPeer(1, 1, [1]);
        Assert.Equal([1], world.Planes[1].ReceiveFromPeer(2, 1, TestWorld.Wait));
        Assert.Equal([42], world.Planes[1].ReceiveFromPeer(0, 9, TestWorld.Wait)); // what was sent before stays
        Thread.Sleep(100);
        Assert.False(world.Planes[1].Faults.IsSet);
        Assert.False(world.Planes[2].Faults.IsSet);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AllGather_ARankHasLeft_IsTheFaultPeerLeftOnAll(bool local)
    {
        using TestWorld world = TestWorld.Create(3, local);
        world.Planes[2].Leave();
        Ranks.Run(2, rank =>
        {
            CommunicatorFaultException e = Assert.Throws<CommunicatorFaultException>(() => world.Planes[rank].AllGather([], TestWorld.Wait));
            Assert.Equal((Error.PeerLeft, 2), (e.Reason, e.Peer));
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Dispose_WithoutGoodbye_IsTheDeathOfThatRankForAllOthers(bool local)
    {
        using TestWorld world = TestWorld.Create(4, local);
        var clock = Stopwatch.StartNew();
        world.Planes[2].Dispose();
        foreach (int rank in (int[])[0, 1, 3])
        {
            Ranks.Await(() => world.Planes[rank].Faults.IsSet, "the death", seconds: 5);
            Fault fault = world.Planes[rank].Faults.Current!;
            Assert.Equal((Error.PeerDied, 2), (fault.Error, fault.Peer));
            Assert.StartsWith("Rank 2", fault.Message, StringComparison.Ordinal);
        }

        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 1.5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SendToPeer_BlobTooLargeOrNoSuchRank_IsRefused(bool local)
    {
        using TestWorld world = TestWorld.Create(1, local);
        Assert.Throws<ArgumentException>(() => world.Planes[0].SendToPeer(0, 1, new byte[WireProtocol.MaxBlobBytes + 1]));
        Assert.Throws<ArgumentException>(() => world.Planes[0].AllGather(new byte[WireProtocol.MaxBlobBytes + 1], Soon));
        Assert.Throws<ArgumentOutOfRangeException>(() => world.Planes[0].SendToPeer(1, 1, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => world.Planes[0].ReceiveFromPeer(-1, 1, Soon));
    }

    private static byte[] Blob(int rank, int round, int size)
    {
        byte[] blob = new byte[size];
        for (int i = 0; i < size; i++)
        {
            blob[i] = (byte)((31 * rank) + (7 * round) + i);
        }

        return blob;
    }

    private static Fault SomeFault(int reporter, int peer = 1) => new()
    {
        Error = Error.Reducer,
        Reporter = reporter,
        Peer = peer,
        NativeError = 17,
        Message = "The user's reducer threw: größer.",
        Call = new CallDescription { Kind = CallKind.AllReduce, DataType = 7, ReduceOp = 0, ElementCount = 5, Sequence = 77, Epoch = 1 },
    };
}
