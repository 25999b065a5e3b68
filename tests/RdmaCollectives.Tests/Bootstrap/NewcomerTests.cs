using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Bootstrap;

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
