using RdmaCollectives.Execution;
using RdmaCollectives.Tests.SharedMemory;
using RdmaCollectives.Timing;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Tests.Execution;

/// <summary>
/// Before a rank gives up the processor nobody may sleep over what it has sent: once in each wait. A ring that is missed is made up for by the next look of a sleeper, so only a transport that writes down what is asked
/// of it (a fake) shows that none is.
/// </summary>
public sealed class WaiterTests
{
    [Fact]
    public void Turn_Yields_SettlesOnceBeforeAndInTheNextWaitAgain() =>
        Assert.Equal(["settle", "reset", "settle"], Asked(new WaitPolicy(TimeSpan.Zero, TimeSpan.FromHours(1)), turnsInEachWait: 40));

    [Fact]
    public void Turn_SleepsAtOnce_SettlesBeforeItArms() =>
        Assert.Equal(["settle", "arm", "reset", "disarm", "settle", "arm"], Asked(new WaitPolicy(TimeSpan.Zero, TimeSpan.Zero), turnsInEachWait: 1));

    [Fact]
    public void Turn_Spins_SettlesNothing() =>
        Assert.Equal(["reset"], Asked(new WaitPolicy(TimeSpan.FromHours(1), TimeSpan.FromHours(1)), turnsInEachWait: 40));

    private static List<string> Asked(WaitPolicy policy, int turnsInEachWait)
    {
        using Transport real = TransportPair.NewTransport(0);
        using var transport = new WritingDown(real.Context);
        using var waiter = new Waiter(policy, Pace.Real);
        for (int turn = 0; turn < turnsInEachWait; turn++)
        {
            waiter.Turn([transport]);
        }

        transport.Asked.Add("reset");
        waiter.Reset([transport]);
        for (int turn = 0; turn < turnsInEachWait; turn++)
        {
            waiter.Turn([transport]);
        }

        return [.. transport.Asked];
    }

    private sealed class WritingDown(TransportContext context) : Transport(context)
    {
        public List<string> Asked { get; } = [];

        public override string Name => "fake";

        public override string Description => "writes down what is asked of it";

        public override int SleepDescriptor => -1;

        public override byte[] Describe() => [];

        public override string? WhyNotReachable(int peer, ReadOnlySpan<byte> description) => "it moves nothing";

        public override PendingConnection BeginConnect(int peer, int channelCount) => throw new NotSupportedException();

        public override void Progress()
        {
        }

        public override void Settle() => Asked.Add("settle");

        public override bool PrepareSleep()
        {
            Asked.Add("arm");
            return true;
        }

        public override void EndSleep() => Asked.Add("disarm");

        public override void Fence()
        {
        }

        public override void Dispose()
        {
        }
    }
}
