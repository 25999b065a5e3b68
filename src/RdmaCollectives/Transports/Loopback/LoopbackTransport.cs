using RdmaCollectives.Bootstrap;

namespace RdmaCollectives.Transports.Loopback;

/// <summary>
/// Ranks that are threads of one process. Sleep protocol: the sleeper sets <c>asleep</c>, full barrier, looks at its FIFOs once more, sleeps on its eventfd; who publishes or releases does so, full
/// barrier, reads <c>asleep</c> and signals. One of the two sees the other.
/// </summary>
internal sealed class LoopbackTransport : Transport
{
    private readonly LoopbackFabric _fabric;
    private readonly WakeEvent _wake = new();
    private int _asleep;

    public LoopbackTransport(TransportContext context, LoopbackFabric fabric)
        : base(context)
    {
        _fabric = fabric;
        fabric.Attach(context.Rank, this);
    }

    public override string Name => "loopback";

    public override string Description => "ranks are threads of this process";

    public override int SleepDescriptor => _wake.Descriptor;

    public override byte[] Describe() => [];

    public override string? WhyNotReachable(int peer, ReadOnlySpan<byte> description) => null;

    public override PendingConnection BeginConnect(int peer, int channelCount) => new LoopbackPendingConnection(this, _fabric, peer, channelCount);

    public override void Progress()
    {
    }

    public override bool PrepareSleep()
    {
        Volatile.Write(ref _asleep, 1);
        Interlocked.MemoryBarrier(); // partner: WakeIfAsleep
        return true;
    }

    public override void EndSleep()
    {
        Volatile.Write(ref _asleep, 0);
        _wake.Clear();
    }

    public void WakeIfAsleep()
    {
        Interlocked.MemoryBarrier(); // what was published before, the flag after; partner: PrepareSleep
        if (Volatile.Read(ref _asleep) != 0)
        {
            _wake.Set();
        }
    }

    /// <summary>Nobody touches another rank's buffers here: senders copy into slots, receivers copy out of them. There is nothing to stop.</summary>
    public override void Fence()
    {
    }

    public override void Dispose()
    {
        _wake.Dispose();
        _fabric.Dispose();
    }
}
