using RdmaCollectives.Bootstrap.Mesh;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>A time that is left standing in a peer keeps the control thread awake for good.</summary>
public sealed class PeerTests
{
    [Theory]
    [InlineData(nameof(PeerState.Left))]
    [InlineData(nameof(PeerState.Dead))]
    public void LeaveLater_APeerThatHasEnded_SetsNoTime(string state)
    {
        var peer = new Peer(null!) { State = Enum.Parse<PeerState>(state) };
        PeerEnds.LeaveLater(peer, DateTime.UtcNow);
        Assert.Equal(DateTime.MaxValue, peer.LeavesAt);
    }

    [Fact]
    public void Look_APeerThatLeaves_IsNotJudgedAgain()
    {
        DateTime now = DateTime.UtcNow;
        var judge = new LossJudge((_, _) => Assert.Fail("judged dead"), (_, _) => Assert.Fail("suspected"));
        var peer = new Peer(null!) { LeavesAt = now.AddSeconds(1), JudgeAt = now.AddSeconds(-1) };
        judge.Look(peer, now);
        Assert.Equal(DateTime.MaxValue, peer.JudgeAt);
    }
}
