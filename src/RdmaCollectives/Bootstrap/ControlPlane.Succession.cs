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
}
