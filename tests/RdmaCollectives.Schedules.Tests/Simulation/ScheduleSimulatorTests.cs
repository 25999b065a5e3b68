using RdmaCollectives.Schedules.Algorithms;
using RdmaCollectives.Schedules.Simulation;

namespace RdmaCollectives.Schedules.Tests.Simulation;

/// <summary>Times computed by hand. All costs are powers of two, so that the sums are exact.</summary>
public sealed class ScheduleSimulatorTests
{
    private const double Alpha = 1.0 / 1024;
    private const double Beta = 1.0 / (1 << 20);
    private const double Gamma = 1.0 / (1 << 22);
    private static readonly CostModel Costs = CostModel.Uniform(new LinkCost(Alpha, Beta), Gamma);

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(64)]
    public void Run_Ring_TakesWhatTheFormulaSays(int n)
    {
        const long ByteCount = 1 << 20;
        double chunk = (double)ByteCount / n;

        double[] finish = ScheduleSimulator.Run(RingAllReduce.Instance, new Shape(n), Costs, ByteCount, credits: 2);

        double expected = (2 * (n - 1) * (Alpha + (chunk * Beta))) + ((n - 1) * chunk * Gamma);
        Assert.Equal(Enumerable.Repeat(expected, n), finish);
    }

    [Fact]
    public void Run_DirectOnFourRanks_WaitsForTheInputsInRankOrder()
    {
        const long ByteCount = 4096;
        double beta = ByteCount * Beta;
        double gamma = ByteCount * Gamma;

        double[] finish = ScheduleSimulator.Run(DirectAllReduce.Instance, new Shape(4), Costs, ByteCount, credits: 1);

        // The message over distance k leaves as the k-th. Ranks 0 and 3 need their last arrival first; rank 1 its last as the second, rank 2 as the last.
        Assert.Equal([Alpha + (3 * beta) + (3 * gamma), Alpha + (3 * beta) + (2 * gamma), Alpha + (3 * beta) + gamma, Alpha + (3 * beta) + (3 * gamma)], finish);
    }

    [Fact]
    public void Run_MessagesOfManyChunks_TakeAsLongAsTheirChunks()
    {
        const long ByteCount = 10 << 10;
        double block = ByteCount / 5 * Beta;

        // Five blocks of two chunks: a message of one block, of two, and of the one that is left.
        double[] finish = ScheduleSimulator.Run(SmallSchedules.AllGatherByRanges(5, 2), new Shape(5), Costs, ByteCount, credits: 1);

        Assert.Equal(Enumerable.Repeat((3 * Alpha) + (4 * block), 5), finish);
    }

    [Fact]
    public void Run_ReductionOfManyChunks_TakesAsLongAsItsChunks()
    {
        var schedule = new ListedSchedule(4, 1, [Step.Send(0, 0, 1, count: 4)], [Step.ReceiveReduce(0, 0, 0, isFinal: true, count: 4)]) { Collective = CollectiveKind.Reduce };

        Assert.Equal([0, Alpha + (4096 * Beta) + (4096 * Gamma)], ScheduleSimulator.Run(schedule, new Shape(2, Root: 1), Costs, 4096, credits: 1));
    }

    [Fact]
    public void Run_Barrier_TakesALatencyARound() =>
        Assert.Equal(Enumerable.Repeat(3 * Alpha, 5), ScheduleSimulator.Run(SmallSchedules.Barrier(5), new Shape(5), Costs, 1 << 20, credits: 1));

    [Fact]
    public void Run_OneRank_TakesNoTime() =>
        Assert.Equal([0.0], ScheduleSimulator.Run(RingAllReduce.Instance, new Shape(1), Costs, 1 << 20, credits: 0));

    [Fact]
    public void Run_OneSlowLink_SlowsTheWholeRing()
    {
        var costs = new CostModel((from, to) => new LinkCost(from == 2 && to == 3 ? 4 * Alpha : Alpha, 0), 0);

        double[] finish = ScheduleSimulator.Run(RingAllReduce.Instance, new Shape(4), costs, 1 << 20, credits: 6);

        // Every chunk crosses the slow link once or twice in its 6 hops; those that cross it twice are the last: 4 fast hops and 2 slow ones.
        Assert.Equal((4 * Alpha) + (2 * 4 * Alpha), finish.Max());
    }

    [Fact]
    public void Run_TwoCreditsOverALongLink_AreSlowerThanMany()
    {
        var schedule = new ListedSchedule(
            1,
            1,
            [.. Enumerable.Range(0, 8).Select(_ => Step.Send(0, 0, 1))],
            [.. Enumerable.Range(0, 8).Select(_ => Step.Receive(0, 0, 0))]);

        double few = ScheduleSimulator.Run(schedule, new Shape(2), Costs, 0, credits: 2)[1];
        double many = ScheduleSimulator.Run(schedule, new Shape(2), Costs, 0, credits: 8)[1];

        // Each pair of messages needs a round trip: the eighth arrives after 3 round trips and a half.
        Assert.Equal((7 * Alpha, Alpha), (few, many));
    }

    [Fact]
    public void Run_SmallAndLarge_EachAlgorithmWinsWhereItShould()
    {
        double Time(ISchedule schedule, long byteCount) => ScheduleSimulator.Run(schedule, new Shape(8), Costs, byteCount, credits: 2).Max();

        Assert.True(Time(DirectAllReduce.Instance, 8) < Time(RingAllReduce.Instance, 8));
        Assert.True(Time(DirectAllReduce.Instance, 1 << 20) > Time(RingAllReduce.Instance, 1 << 20));
    }

    [Fact]
    public void Run_FewerCreditsThanDeclared_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ScheduleSimulator.Run(RingAllReduce.Instance, new Shape(4), Costs, 1, credits: 1));

    [Fact]
    public void Run_ScheduleThatDeadlocks_SaysWho()
    {
        var schedule = new ListedSchedule(1, 1, [Step.Receive(0, 0, 1)], []);

        ScheduleException e = Assert.Throws<ScheduleException>(() => ScheduleSimulator.Run(schedule, new Shape(2), Costs, 1, credits: 1));

        Assert.Equal(("deadlock", 0, 0), (e.Rule, e.Rank, e.Step));
    }
}
