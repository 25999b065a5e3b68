using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Simulation.Network;

/// <summary>A planted bug: waits look at a flag that only this rank's own faults set.</summary>
internal sealed class DeafPlane(ControlPlane plane) : IControlPlane
{
    public int Rank => plane.Rank;

    public int WorldSize => plane.WorldSize;

    public ulong Scope => plane.Scope;

    public Pace Pace => plane.Pace;

    public FaultState Faults { get; } = new();

    public Action? FaultArrived { get; set; }

    public Action? NewsArrived
    {
        get => plane.NewsArrived;
        set => plane.NewsArrived = value;
    }

    public Func<ulong, RankStatus>? StatusOf
    {
        get => plane.StatusOf;
        set => plane.StatusOf = value;
    }

    public Action<int, ReadOnlyMemory<byte>>? PathMessageCame
    {
        get => plane.PathMessageCame;
        set => plane.PathMessageCame = value;
    }

    public void SendPathMessage(int peer, ReadOnlyMemory<byte> message) => plane.SendPathMessage(peer, message);

    public byte[][] AllGather(ReadOnlySpan<byte> mine, TimeSpan timeout) => plane.AllGather(mine, timeout);

    public void SendToPeer(int peer, ulong key, ReadOnlySpan<byte> blob) => plane.SendToPeer(peer, key, blob);

    public byte[] ReceiveFromPeer(int peer, ulong key, TimeSpan timeout) => plane.ReceiveFromPeer(peer, key, timeout);

    public void Report(Fault fault)
    {
        Faults.TrySet(fault);
        plane.Report(fault);
    }

    public Fault? TryGetVerdict() => Faults.IsSet ? plane.TryGetVerdict() : null;

    public ulong Ask(int peer, ulong sequence) => plane.Ask(peer, sequence);

    public bool TryTakeAnswer(ulong question, out RankStatus? status) => plane.TryTakeAnswer(question, out status);

    public void Forget(ulong question) => plane.Forget(question);

    public ClockOffset? MeasureClock(int peer, TimeSpan timeout) => plane.MeasureClock(peer, timeout);

    public bool HasLeft(int peer) => plane.HasLeft(peer);

    public IControlPlane? Split(int color, int key, TimeSpan timeout) => plane.Split(color, key, timeout);

    public void StandAlone() => plane.StandAlone();

    public void Leave() => plane.Leave();

    public void Listen(IMembershipEvents listener) => plane.Listen(listener);

    public void SendMembership(int peer, ReadOnlyMemory<byte> message) => plane.SendMembership(peer, message);

    public ulong NextScope() => plane.NextScope();

    public void BeginSuccession() => plane.BeginSuccession();

    public void EndSuccession() => plane.EndSuccession();

    public IControlPlane Succeed(ulong scope, int[] jobRanks) => plane.Succeed(scope, jobRanks);

    public int JobRankOf(int member) => plane.JobRankOf(member);

    public IReadOnlyList<int> AwaitNewcomers(int atLeast, TimeSpan timeout) => plane.AwaitNewcomers(atLeast, timeout);

    public void Invite(int newcomer, ReadOnlyMemory<byte> invitation) => plane.Invite(newcomer, invitation);

    public void TakeIn(IReadOnlyList<int> newcomers) => plane.TakeIn(newcomers);

    public void Dispose() => plane.Dispose();
}
