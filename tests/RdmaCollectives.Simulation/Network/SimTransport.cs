using RdmaCollectives.Simulation.Faults;
using RdmaCollectives.Simulation.Scheduling;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Simulation.Network;

/// <summary>The transport of one rank over the pipes of its communicator.</summary>
internal sealed class SimTransport : Transport
{
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(1);

    private readonly SimFabric _fabric;
    private readonly List<SimConnection> _connections = [];

    public SimTransport(TransportContext context, SimFabric fabric, SimProcess process)
        : base(context)
    {
        _fabric = fabric;
        Process = process;
        process.Transports.Add(this);
    }

    public SimProcess Process { get; }

    /// <summary>The ranks of the job that are members of its communicator.</summary>
    public int[] JobRanks => [.. _fabric.JobRanks];

    public SimWorld World => _fabric.World;

    public override string Name => "loopback"; // where tables have a place for it

    public override string Description => "simulated";

    public override int SleepDescriptor => -1;

    public bool IsFenced { get; private set; }

    /// <summary>A write into memory of this rank is under way, and nothing stops it.</summary>
    public bool IsOpenToWrites => !IsFenced && _connections.Exists(connection => connection.IsWriting);

    public override byte[] Describe() => [];

    public override string? WhyNotReachable(int peer, ReadOnlySpan<byte> description) => null;

    public override PendingConnection BeginConnect(int peer, int channelCount) => new SimPendingConnection(this, _fabric, peer, channelCount);

    public void Add(SimConnection connection) => _connections.Add(connection);

    public override void Progress() => Process.Point(PointKind.Poll);

    public override bool PrepareSleep() => true;

    public override void EndSleep()
    {
    }

    public override void Fence()
    {
        if (World.Planted == Planted.FenceAfterReport)
        {
            World.Scheduler.Events.Add(World.Scheduler.Now + Scheduler.Millisecond, FenceNow);
            return;
        }

        FenceNow();
    }

    private void FenceNow()
    {
        IsFenced = true;
        foreach (SimConnection connection in _connections)
        {
            connection.Fence();
        }
    }

    public override void Linger()
    {
        long start = Process.Pace.Timestamp;
        while (World.Planted != Planted.GoodbyeBeforeLinger && !IsFenced && _connections.Exists(connection => !connection.IsQuiet) && Process.Pace.Since(start) < LingerTime)
        {
            Process.Pace.Idle(LingerTime);
        }
    }

    public override void Dispose()
    {
        foreach (SimConnection connection in _connections)
        {
            connection.End(World.NeedsSender);
        }
    }

    /// <summary>The process has died.</summary>
    public void Die()
    {
        bool loses = World.NeedsSender || World.Random.OneIn(2);
        foreach (SimConnection connection in _connections)
        {
            connection.End(loses);
            if (World.NoticesEnds && _fabric[connection.Peer] is { } other && !other.Process.IsDead)
            {
                World.Scheduler.Events.Add(World.Scheduler.Now + (World.Random.Between(1, 300) * Scheduler.Millisecond), () => other.Fail(Context.Rank, ended: true));
            }
        }
    }

    /// <summary>A request has completed with an error, or a connection has ended.</summary>
    public void Fail(int peer, bool ended)
    {
        if (World.Planted != Planted.FailedCompletionIgnored)
        {
            Failure ??= new TransportFailure(peer, ended ? 104 : 12, ended ? $"the connection to rank {peer} was reset" : $"a request to rank {peer} completed with an error", ended);
        }

        if (!ended)
        {
            foreach (SimConnection connection in _connections.Where(connection => connection.Peer == peer))
            {
                connection.End(dropAll: true); // what was requested did not happen
            }
        }

        Process.Happened();
    }

    /// <summary>A peer of one of its connections, by chance.</summary>
    public int AnyPeer() => _connections.Count == 0 ? -1 : _connections[World.Random.Next(_connections.Count)].Peer;
}
