using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>What the agreement on this communicator's successor needs of its plane.</summary>
internal sealed partial class ControlPlane
{
    private readonly MembershipInbox _inbox = new();

    public void Listen(IMembershipEvents listener) => _inbox.Listen(listener);

    public void SendMembership(int peer, ReadOnlyMemory<byte> message) => Send(FrameKind.Membership, peer, 0, message);

    public ulong NextScope() => _link.NextScope();

    public void BeginSuccession() => _link.BeginSplit();

    public void EndSuccession() => _link.EndSplit();

    public int JobRankOf(int member) => _jobRanks[member];

    public IControlPlane Succeed(ulong scope, int[] jobRanks) => new ControlPlane(_link, scope, jobRanks, _logger);

    public IReadOnlyList<int> AwaitNewcomers(int atLeast, TimeSpan timeout) => _link.AwaitNewcomers(atLeast, timeout);

    public void Invite(int newcomer, ReadOnlyMemory<byte> invitation) => _link.TrySend(new Frame(FrameKind.Invite, newcomer, 0, invitation));

    public void TakeIn(IReadOnlyList<int> newcomers) => _link.TakeIn(newcomers);

    /// <summary>A process of the job has left all its communicators.</summary>
    public void MemberLeft(int jobRank)
    {
        if (_ranks.TryGetValue(jobRank, out int peer))
        {
            MarkLeft(peer);
        }
    }

    private void MarkLeft(int peer)
    {
        _mailbox.MarkLeft(peer);
        _inbox.Put(listener => listener.MemberGone(peer));
    }

    public void LinkEnded(Fault? fault, string reason)
    {
        if (fault is not null)
        {
            FaultCame(InOwnRanks(fault) with { Reporter = Rank });
        }

        _mailbox.Close(reason);
        _inbox.Put(listener => listener.LinkEnded(reason));
    }
}
