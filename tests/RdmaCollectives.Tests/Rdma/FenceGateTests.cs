using RdmaCollectives.Transports;

namespace RdmaCollectives.Tests.Rdma;

/// <summary>The gate between the thread that moves data and those that pause or close it.</summary>
public sealed class FenceGateTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>The two never meet inside: each looks for the other while it is there.</summary>
    [Fact]
    public void Pause_WhileAThreadGoesInAndOut_ExcludesIt()
    {
        var gate = new FenceGate();
        int inside = 0;
        long entered = 0;
        bool met = false;
        var mover = new Thread(() =>
        {
            while (gate.TryEnter())
            {
                met |= Interlocked.Increment(ref inside) != 1;
                Interlocked.Decrement(ref inside);
                Interlocked.Increment(ref entered);
                gate.Leave();
            }
        });
        mover.Start();
        try
        {
            for (int pause = 0; pause < 2000; pause++)
            {
                gate.Pause();
                long before = Interlocked.Read(ref entered);
                met |= Interlocked.Increment(ref inside) != 1;
                Thread.SpinWait(50);
                met |= Interlocked.Read(ref entered) != before;
                Interlocked.Decrement(ref inside);
                gate.Resume();
                if (pause % 100 == 0)
                {
                    Assert.True(SpinWait.SpinUntil(() => Interlocked.Read(ref entered) > before, Deadline), "Nobody goes in after a pause.");
                }
            }
        }
        finally
        {
            gate.Close();
            Assert.True(mover.Join(Deadline), "A closed gate lets somebody in, or holds somebody.");
        }

        Assert.False(met);
        Assert.True(gate.IsClosed);
    }

    [Fact]
    public void Close_WhileSomebodyWaitsForTheEndOfAPause_LetsThatOneGoWithoutGettingIn()
    {
        var gate = new FenceGate();
        gate.Pause();
        bool? got = null;
        var mover = new Thread(() => got = gate.TryEnter());
        mover.Start();
        Assert.False(mover.Join(TimeSpan.FromMilliseconds(50)));
        gate.Close();
        Assert.True(mover.Join(Deadline));
        Assert.False(got);
    }
}
