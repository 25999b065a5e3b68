using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>A hundred real links in one process: more than get a connection for every pair.</summary>
public sealed class OverlayLinkTests
{
    private const int Size = 100;

    [Fact]
    public void Overlay_OfAHundredLinks_ExchangesAndSurvivesDeathsAndTheRendezvous()
    {
        using RendezvousServer server = TestWorld.StartServer(Size);
        ControlPlane[] planes = Ranks.Run(Size, rank => RendezvousLink.Join(Ranks.Options(rank, Size, server.EndPoint.Port)));
        Ranks.Run(Size, rank =>
        {
            for (int round = 0; round < 3; round++)
            {
                byte[][] all = planes[rank].AllGather([(byte)rank, (byte)round], TestWorld.Wait);
                Assert.True(all.Index().All(part => part.Item[0] == part.Index && part.Item[1] == round));
            }

            planes[rank].SendToPeer((rank + 37) % Size, 1, new byte[WireProtocol.MaxBlobBytes]); // 37 is no power of two
            Assert.Equal(WireProtocol.MaxBlobBytes, planes[rank].ReceiveFromPeer((rank + Size - 37) % Size, 1, TestWorld.Wait).Length);
        });

        // Communicators of three that are no neighbours of each other, and live on without those between.
        int[] trio = [3, 40, 77];
        ControlPlane[] parts = Ranks.Run(Size, rank => (ControlPlane?)planes[rank].Split(trio.Contains(rank) ? 1 : -1, 0, TestWorld.Wait)).OfType<ControlPlane>().ToArray();
        Array.ForEach(parts, part => part.StandAlone());
        server.Dispose();

        int[] dead = [0, 1, 2, 4, 5, 7, 11, 19, 35, 67, 99, 41, 42, 44, 48, 56, 72, 8, 24, 39, 38, 36, 32];
        foreach (int rank in dead)
        {
            planes[rank].Dispose(); // without a goodbye
        }

        foreach (int rank in Enumerable.Range(0, Size).Except(dead))
        {
            Ranks.Await(() => Array.TrueForAll(dead, planes[rank].Link.IsProvenDead), $"the deaths at rank {rank}", seconds: 30);
            Assert.Equal(Error.PeerDied, planes[rank].Faults.Current!.Error);
        }

        Assert.All(parts, part => Assert.False(part.Faults.IsSet));
        Ranks.Run(3, who =>
        {
            for (int round = 0; round < 10; round++)
            {
                Assert.Equal(3, parts[who].AllGather([(byte)who], TestWorld.Wait).Length);
            }
        });
        parts[2].Report(new Fault { Error = Error.Reducer, Reporter = 2, Peer = 2, Message = "The reducer threw." });
        Ranks.Await(() => parts[0].Faults.IsSet && parts[1].Faults.IsSet, "the fault");

        // Some leave, far from each other; a rank that is no neighbour of theirs hears each of them.
        int[] leavers = [10, 25, 60, 75, 90];
        foreach (int rank in leavers)
        {
            Ranks.LeaveAll([planes[rank]]);
        }

        Ranks.Await(() => Array.TrueForAll(leavers, planes[50].HasLeft), "all goodbyes", seconds: 30);
        Assert.All(leavers, rank => Assert.False(planes[50].Link.IsProvenDead(rank)));
        Ranks.Run(Size, rank =>
        {
            if (!dead.Contains(rank) && !leavers.Contains(rank))
            {
                parts.FirstOrDefault(part => part.Link == planes[rank].Link)?.Leave();
                Ranks.LeaveAll([planes[rank]]);
            }
        });
        Array.ForEach(parts, part => part.Dispose());
    }
}
