using RdmaCollectives.Transports;

namespace RdmaCollectives.Tests.SharedMemory;

public sealed class SleepTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sleep_HandOffsWithRandomDelays_NoWakeUpIsLost(bool futex)
    {
        const int roundTripCount = 50_000; // two hand-offs each
        const int seed = 4711;
        output.WriteLine($"seed {seed}");
        using var pair = new TransportPair();
        int[] sleeps = await Task.WhenAll(
            Task.Factory.StartNew(() => PingPong(pair, 0, roundTripCount, seed, futex), TaskCreationOptions.LongRunning),
            Task.Factory.StartNew(() => PingPong(pair, 1, roundTripCount, seed + 1, futex), TaskCreationOptions.LongRunning)).WaitAsync(Deadline);
        output.WriteLine($"slept {sleeps[0]} and {sleeps[1]} times");
        Assert.True(sleeps.Sum() > roundTripCount / 10, "the test is about sleeping");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WakeSelf_OwnThreadSleeps_Wakes(bool futex)
    {
        using var pair = new TransportPair();
        bool flag = false;
        Task sleeping = Task.Factory.StartNew(() => new Sleeper(pair.Transport(0), futex).WaitUntil(() => Volatile.Read(ref flag)), TaskCreationOptions.LongRunning);
        await Task.Delay(50);
        Assert.False(sleeping.IsCompleted);
        Volatile.Write(ref flag, true);
        pair.Transport(0).WakeSelf();
        await sleeping.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void FutexSleep_NobodyRings_EndsByItsTime()
    {
        using var pair = new TransportPair();
        pair.Transport(0).PrepareSleep();
        Assert.True(pair.Transport(0).FutexSleep(TimeSpan.FromMilliseconds(20)));
        pair.Transport(0).EndSleep();
    }

    [Fact]
    public void FutexSleep_SmallMessageAndSettledSincePrepare_ReturnsAtOnce()
    {
        using var pair = new TransportPair();
        pair.Transport(0).PrepareSleep();
        Send(pair.Connection(1), byteCount: 8);
        pair.Transport(1).Settle();
        Assert.False(pair.Transport(0).FutexSleep(TimeSpan.FromMinutes(10)));
        pair.Transport(0).EndSleep();
    }

    /// <summary>The sender may be busy with the next large message for a while: the peer is woken before that.</summary>
    [Fact]
    public void FutexSleep_LargeMessageSincePrepare_ReturnsAtOnce()
    {
        using var pair = new TransportPair(slotBytes: 64 * 1024);
        pair.Transport(0).PrepareSleep();
        Send(pair.Connection(1), byteCount: 64 * 1024);
        Assert.False(pair.Transport(0).FutexSleep(TimeSpan.FromMinutes(10)));
        pair.Transport(0).EndSleep();
    }

    [Fact]
    public void FutexSleep_LargeMessageReleasedSincePrepare_ReturnsAtOnce()
    {
        using var pair = new TransportPair(slotBytes: 64 * 1024);
        Send(pair.Connection(1), byteCount: 64 * 1024);
        pair.Transport(1).PrepareSleep();
        Receive(pair.Connection(0));
        Assert.False(pair.Transport(1).FutexSleep(TimeSpan.FromMinutes(10)));
        pair.Transport(1).EndSleep();
    }

    [Fact]
    public void WakeSelf_AfterDispose_DoesNothing()
    {
        var pair = new TransportPair();
        pair.Dispose();
        pair.Transport(0).WakeSelf();
        pair.Transport(0).Fence();
        pair.Dispose();
    }

    private static unsafe void Send(Connection connection, uint byteCount)
    {
        Assert.True(connection.TryGetSendSlot() != null);
        connection.Send(new MessageHeader { ByteCount = byteCount });
    }

    private static unsafe void Receive(Connection connection)
    {
        Assert.True(connection.TryReceive(out _, out _));
        connection.Release();
    }

    private static unsafe int PingPong(TransportPair pair, int rank, int roundTripCount, int seed, bool futex)
    {
        Connection connection = pair.Connection(rank);
        var sleeper = new Sleeper(pair.Transport(rank), futex);
        var random = new Random(seed);
        for (int i = 0; i < roundTripCount; i++)
        {
            if (rank == 0)
            {
                Send();
                Receive();
            }
            else
            {
                Receive();
                Send();
            }
        }

        pair.Transport(rank).Settle();
        return sleeper.SleepCount;

        void Send()
        {
            Thread.SpinWait(random.Next(50));
            byte* slot = null;
            sleeper.WaitUntil(() => (slot = connection.TryGetSendSlot()) != null);
            connection.Send(new MessageHeader { ByteCount = 8 });
        }

        void Receive()
        {
            sleeper.WaitUntil(() => connection.TryReceive(out _, out _));
            connection.Release();
        }
    }
}
