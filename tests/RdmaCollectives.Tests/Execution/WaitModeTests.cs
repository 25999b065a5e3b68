using System.Globalization;
using RdmaCollectives.Execution;

namespace RdmaCollectives.Tests.Execution;

/// <summary>What a rank does while another is late: how much processor time it takes, and that its results are right.</summary>
public sealed class WaitModeTests
{
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(300);

    [Fact]
    public void Event_APeerIsLate_TakesNextToNoProcessorTime()
    {
        TimeSpan used = UsedWhileWaiting(WaitMode.Event);
        Assert.True(used < Late / 6, $"{used.TotalMilliseconds} ms of processor time in a wait of {Late.TotalMilliseconds} ms");
    }

    [Fact]
    public void Busy_APeerIsLate_TakesWhatProcessorTimeItGets()
    {
        TimeSpan used = UsedWhileWaiting(WaitMode.Busy);
        Assert.True(used > Late / 6, $"{used.TotalMilliseconds} ms of processor time in a wait of {Late.TotalMilliseconds} ms");
    }

    [Theory]
    [InlineData(WaitMode.Adaptive, 2, 2, true, 5, 16)]
    [InlineData(WaitMode.Adaptive, 2, 2, false, 5, 1)]
    [InlineData(WaitMode.Adaptive, 3, 2, true, 0, 1)] // the processor is somebody else's who has work
    public void Policy_FollowsRanksAndProcessors(WaitMode mode, int ranks, int processors, bool hasVerbs, int spinMicroseconds, int looks)
    {
        WaitPolicy policy = WaitPolicy.Choose(mode, ranks, processors, hasVerbs, spinMicroseconds: null);
        Assert.Equal((TimeSpan.FromMicroseconds(spinMicroseconds), TimeSpan.FromMilliseconds(1), looks), (policy.Spin, policy.Yield, policy.LooksPerYield));
    }

    [Fact]
    public void Policy_SpinIsSetToZero_YieldsAfterEachLook() =>
        Assert.Equal(1, WaitPolicy.Choose(WaitMode.Adaptive, localRanks: 1, processors: 2, hasVerbs: true, spinMicroseconds: 0).LooksPerYield);

    private static TimeSpan UsedWhileWaiting(WaitMode mode)
    {
        TimeSpan used = default;
        using LocalGroup group = Communicator.CreateLocalGroup(2, new CommunicatorOptions { Wait = mode, Timeout = TimeSpan.FromSeconds(20) });
        group.Run(communicator =>
        {
            int[] values = [1];
            communicator.AllReduce(values.AsSpan(), ReduceOp.Sum); // everything is compiled and connected
            communicator.Barrier();
            if (communicator.Rank == 1)
            {
                Thread.Sleep(Late);
            }

            TimeSpan before = OwnProcessorTime();
            communicator.AllReduce(values.AsSpan(), ReduceOp.Sum);
            if (communicator.Rank == 0)
            {
                used = OwnProcessorTime() - before;
            }

            Assert.Equal(4, values[0]);
        });
        return used;
    }

    /// <summary>Of the calling thread: the first number, in nanoseconds.</summary>
    private static TimeSpan OwnProcessorTime() =>
        TimeSpan.FromMicroseconds(long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) / 1000.0);
}
