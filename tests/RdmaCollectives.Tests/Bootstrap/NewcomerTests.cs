using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Mesh;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>Processes that come after the start: they get ranks that were never used, can be invited, and open a plane together with old members.</summary>
public sealed class NewcomerTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);

    [Fact]
    public void AddNewcomer_InProcess_IsListedInvitedAndTalksInANewScope()
    {
        ControlPlane[] planes = LocalLink.CreateGroup(2);
        LocalLink first = ((LocalLink)planes[0].Link).AddNewcomer();
        LocalLink second = ((LocalLink)planes[1].Link).AddNewcomer();
        Assert.Equal((2, 3), (first.Rank, second.Rank));
        Assert.All(planes, plane => Assert.Equal([2, 3], plane.Link.Newcomers));

        Grow(planes, [first, second]);
        Assert.Empty(planes[0].Link.Newcomers);
    }

    [Fact]
    public void Newcomer_ThatGoesAgain_IsListedNoMoreAndItsNumberIsNotUsedAgain()
    {
        ControlPlane[] planes = LocalLink.CreateGroup(1);
        var link = (LocalLink)planes[0].Link;
        link.AddNewcomer().Dispose();
        Assert.Empty(link.Newcomers);
        Assert.Equal(2, link.AddNewcomer().Rank);
        Assert.Equal([2], link.Newcomers);
    }

    [Fact]
    public void AwaitInvitation_NoneComes_SaysWhatToDo()
    {
        LocalLink newcomer = ((LocalLink)LocalLink.CreateGroup(1)[0].Link).AddNewcomer();
        RendezvousException e = Assert.Throws<RendezvousException>(() => newcomer.AwaitInvitation(Soon));
        Assert.Contains("Grow", e.Message, StringComparison.Ordinal);
        using var cancel = new CancellationTokenSource(50);
        Assert.ThrowsAny<OperationCanceledException>(() => newcomer.AwaitInvitation(TestWorld.Wait, cancel.Token));
    }

    [Fact]
    public void Join_AfterTheStart_GetsTheNextRankAndIsTakenIn()
    {
        using RendezvousServer server = TestWorld.StartServer(3);
        ControlPlane[] planes = Ranks.Run(3, rank => Ranks.Join(rank, 3, server.EndPoint.Port));
        planes[1].Leave(); // its number is not given again, and the newcomers do not know it
        planes[1].Dispose();
        ControlLink[] newcomers = [Newcomer(server), Newcomer(server)];
        Assert.Equal([3, 4], newcomers.Select(link => link.Rank));
        foreach (int rank in (int[])[0, 2])
        {
            Assert.Equal([3, 4], planes[rank].Link.AwaitNewcomers(2, TestWorld.Wait));
        }

        Grow([planes[0], planes[2]], newcomers);
    }

    [Fact]
    public void Join_BeforeTheStart_WaitsForIt()
    {
        using RendezvousServer server = TestWorld.StartServer(2);
        ControlLink[] links = Ranks.Run(3, who =>
        {
            Thread.Sleep(who == 2 ? 0 : 300);
            return who == 2 ? Newcomer(server) : Ranks.Join(who, 2, server.EndPoint.Port).Link;
        });
        Assert.Equal(2, links[2].Rank);
        Assert.Equal([2], links[0].AwaitNewcomers(1, TestWorld.Wait));
        links[2].Dispose();
        Ranks.Await(() => links[0].Newcomers.Count == 0 && links[1].Newcomers.Count == 0, "its goodbye");
    }

    [Fact]
    public void Join_RendezvousIsGone_IsAClearErrorOnBothSides()
    {
        using RendezvousServer server = TestWorld.StartServer(1);
        using ControlPlane plane = Ranks.Join(0, 1, server.EndPoint.Port);
        int port = server.EndPoint.Port;
        server.Dispose();
        RendezvousException e = Assert.Throws<RendezvousException>(() => RendezvousLink.JoinAsNewcomer(Ranks.Options(0, 1, port) with { JoinTimeout = Soon }));
        Assert.Contains("This newcomer did not reach the rendezvous", e.Message, StringComparison.Ordinal);
        Assert.Empty(plane.Link.AwaitNewcomers(1, TestWorld.Wait)); // at once
        Assert.Contains("no newcomers can join", plane.Link.WhyNoNewcomers, StringComparison.Ordinal);
        plane.Leave();
    }

    [Fact]
    public void Newcomer_ThatDies_IsDeadForTheMembersAndListedNoMore()
    {
        using RendezvousServer server = TestWorld.StartServer(2);
        ControlPlane[] planes = Ranks.Run(2, rank => Ranks.Join(rank, 2, server.EndPoint.Port));
        ControlLink newcomer = Newcomer(server);
        Assert.Equal([2], planes[0].Link.AwaitNewcomers(1, TestWorld.Wait));
        server.ReportProcessExit(Environment.ProcessId, "it was killed by signal 9"); // all of this process; the latest is the newcomer
        Ranks.Await(() => planes[0].Link.IsProvenDead(2) && planes[1].Link.IsProvenDead(2), "its death");
        Assert.Empty(planes[0].Link.Newcomers);
        Assert.All(planes, plane => Assert.False(plane.Faults.IsSet));
        newcomer.Dispose();
        Ranks.LeaveAll(planes);
    }

    private static MeshLink Newcomer(RendezvousServer server) => RendezvousLink.JoinAsNewcomer(Ranks.Options(0, 1, server.EndPoint.Port));

    /// <summary>What Grow does in the end: one member invites, all open the plane of old and new ranks, and use it.</summary>
    private static void Grow(ControlPlane[] planes, ControlLink[] newcomers)
    {
        int[] members = [.. planes.Select(plane => plane.Link.Rank), .. newcomers.Select(link => link.Rank)];
        ulong scope = planes[0].Link.NextScope();
        Array.ForEach(planes, plane => plane.Link.BeginSplit()); // before anyone may send in the new scope; a newcomer's link does so by itself
        ControlPlane[] grown = Ranks.Run(members.Length, who =>
        {
            ControlLink link = who < planes.Length ? planes[who].Link : newcomers[who - planes.Length];
            if (who == 0)
            {
                foreach (ControlLink newcomer in newcomers)
                {
                    Assert.True(link.TrySend(new Frame(FrameKind.Invite, newcomer.Rank, 0, new byte[] { 7 })));
                }
            }

            if (who >= planes.Length)
            {
                Assert.Equal([7], link.AwaitInvitation(TestWorld.Wait));
                Thread.Sleep(50); // late: what comes for the scope meanwhile is kept
            }

            var plane = new ControlPlane(link, scope, members, NullLogger.Instance);
            link.TakeIn(members);
            byte[][] parts = plane.AllGather([(byte)who], TestWorld.Wait);
            link.EndSplit();
            Assert.Equal(Enumerable.Range(0, members.Length), parts.Select(part => (int)part[0]));
            plane.SendToPeer((who + 1) % members.Length, 5, [(byte)who]);
            Assert.Equal([(byte)((who + members.Length - 1) % members.Length)], plane.ReceiveFromPeer((who + members.Length - 1) % members.Length, 5, TestWorld.Wait));
            return plane;
        });
        grown[^1].Dispose(); // without a goodbye
        foreach (ControlPlane plane in grown[..^1])
        {
            Ranks.Await(() => plane.Faults.IsSet, "the newcomer's death");
            Assert.Equal((Error.PeerDied, members.Length - 1, true), (plane.Faults.Current!.Error, plane.Faults.Current.Peer, plane.Faults.Current.IsProven));
        }

        Assert.All(planes, plane => Assert.False(plane.Faults.IsSet)); // it was no member there
        Ranks.LeaveAll(grown[..^1]);
        Ranks.LeaveAll(planes);
    }
}
