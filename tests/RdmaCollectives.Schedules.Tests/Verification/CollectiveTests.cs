using RdmaCollectives.Schedules.Algorithms;
using RdmaCollectives.Schedules.Verification;
using static RdmaCollectives.Schedules.StepBuffer;

namespace RdmaCollectives.Schedules.Tests.Verification;

/// <summary>What each collective asks of a schedule, on small ones that are right and on one slip each.</summary>
public sealed class CollectiveTests
{
    public static TheoryData<string> Names() => [.. SmallSchedules.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Verify_RightSchedule_IsProvedExactly(string name)
    {
        (ListedSchedule schedule, Shape shape) = SmallSchedules.All[name];

        ScheduleReport report = ScheduleVerifier.Verify(schedule, shape);

        Assert.True(report.IsExact);
        Assert.Equal(report.OutputChunks, report.ChunksProved);
        Assert.Equal(schedule.Credits, report.LeastCredits);
        Assert.Equal(schedule.Traits, schedule.Traits & report.Traits);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(100)]
    public void Verify_RangesAroundTheEnd_AreProvedForAnyRanks(int n)
    {
        foreach (ListedSchedule schedule in (ListedSchedule[])[SmallSchedules.AllGatherByRanges(n, 2), SmallSchedules.AllToAllBruck(n), SmallSchedules.Barrier(n)])
        {
            ScheduleReport report = ScheduleVerifier.Verify(schedule, new Shape(n));

            Assert.Equal(n == 1 ? 0 : 1, schedule.Collective == CollectiveKind.AllToAll ? Math.Min(1, report.LeastCredits) : report.LeastCredits);
            Assert.Equal(n <= ScheduleVerifier.ExactRankLimit, report.IsExact);
        }
    }

    [Fact]
    public void Verify_AllGatherByRanges_CountsWhatIsSent()
    {
        ScheduleReport report = ScheduleVerifier.Verify(SmallSchedules.AllGatherByRanges(5, 2), new Shape(5));

        // Blocks of two: 1, then 2, then the 1 that is left.
        Assert.Equal((10, 3, 8L, 40L, 4, 3, 0), (report.Chunks, report.MessagesSent, report.ChunksSent, report.TotalChunksSent, report.MessageChunks, report.Hops, report.ScratchPlanes));
        Assert.Equal(50, report.OutputChunks);
        Assert.Equal(0.8, report.VolumePerRank);
    }

    [Fact]
    public void Verify_AllGatherByRanges_AtManyRanks_IsProvedByASample()
    {
        ScheduleReport report = ScheduleVerifier.Verify(SmallSchedules.AllGatherByRanges(2_500, 2), new Shape(2_500));

        Assert.Equal(12_500_000, report.OutputChunks);
        Assert.InRange(report.ChunksProved, 2_500 * 60, 2_500 * 70);
    }

    [Fact]
    public void Verify_BlockNeverStoredAmongManyRanks_IsFoundByTheSample()
    {
        ListedSchedule schedule = SmallSchedules.AllToAll(2_100, 1); // every rank's own block is in the sample
        schedule.Steps[1_234].RemoveAt(0);

        ScheduleException e = Broken(schedule, new Shape(2_100));

        Assert.Equal(("postcondition", 1_234), (e.Rule, e.Rank));
        Assert.Contains("output chunk 1234 is not made of what belongs there", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_OutputThatARankLacks_IsAShapeFault()
    {
        ListedSchedule schedule = SmallSchedules.ReduceScatter(3);
        schedule.Steps[1][^1] = Step.ReceiveReduce(0, 2, 0, isFinal: true);

        ScheduleException e = Broken(schedule, new Shape(3));

        Assert.Equal(("shape", 1, 2), Where(e));
        Assert.Contains("Output[2] is not what rank 1 has in ReduceScatter: its Output is chunks 1..1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_InputThatARankLacks_IsAShapeFault()
    {
        ListedSchedule schedule = SmallSchedules.Broadcast();
        schedule.Steps[2][0] = Step.Send(0, 0, 0);

        ScheduleException e = Broken(schedule, new Shape(3, Root: 1));

        Assert.Equal(("shape", 2, 0), Where(e));
        Assert.Contains("it has no Input", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_FinalWhereNothingIsReduced_IsAFinalFault()
    {
        ListedSchedule schedule = SmallSchedules.Broadcast();
        schedule.Steps[1][2] = Step.Copy(0, 0, Input, 0, Output, isFinal: true, count: 2);

        Assert.Equal(("final", 1, 2), Where(Broken(schedule, new Shape(3, Root: 1))));
    }

    [Fact]
    public void Verify_ReductionWhereNothingIsReduced_IsAShapeFault()
    {
        ListedSchedule schedule = SmallSchedules.AllGather(3, 2);
        schedule.Steps[0][1] = Step.Reduce(0, 0, Input, 0, Output, count: 2);

        Assert.Equal(("shape", 0, 1), Where(Broken(schedule, new Shape(3))));
    }

    [Fact]
    public void Verify_BlocksMixedUp_IsAPostconditionFault()
    {
        ListedSchedule schedule = SmallSchedules.AllToAll(3, 2);
        (schedule.Steps[0][1], schedule.Steps[0][3]) = (Step.Send(0, 4, 1, count: 2), Step.Send(0, 2, 2, count: 2));
        var unpromised = new ListedSchedule(schedule, new Shape(3)) { Traits = ScheduleTraits.None };

        ScheduleException e = Broken(unpromised, new Shape(3));

        Assert.Equal(("postcondition", 1), (e.Rule, e.Rank));
        Assert.Contains("output chunk 0 is in0[4]; in0[2] is wanted", e.Message, StringComparison.Ordinal);
        Assert.Equal("traits", Broken(schedule, new Shape(3)).Rule);
    }

    [Fact]
    public void Verify_MessagesOfOtherCounts_IsAShapeFault()
    {
        ListedSchedule schedule = SmallSchedules.Gather(3, 1, 2);
        schedule.Steps[0][0] = Step.Send(0, 0, 1, count: 1);

        ScheduleException e = Broken(schedule, new Shape(3, Root: 1));

        Assert.Equal(("shape", 1), (e.Rule, e.Rank));
        Assert.Contains("the oldest message from rank 0 is 1 chunks", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_PiecesOfOtherSizes_IsAShapeFault()
    {
        var schedule = new ListedSchedule(4, 1, [Step.Send(0, 0, 1), Step.Receive(0, 3, 1)], [Step.Send(0, 2, 0), Step.Receive(0, 0, 0)]) { Collective = CollectiveKind.AllGather };

        Assert.Equal(("shape", 0, 1), Where(Broken(schedule, new Shape(2))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Verify_LargestMessageDeclaredWrong_IsAShapeFault(int declared)
    {
        ListedSchedule schedule = SmallSchedules.Gather(3, 1, 2);
        schedule.LargestMessage = declared;

        ScheduleException e = Broken(schedule, new Shape(3, Root: 1));

        Assert.Equal("shape", e.Rule);
        Assert.Contains("MessageChunks", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_PlaneThatIsNotDeclared_IsAShapeFault()
    {
        ListedSchedule schedule = SmallSchedules.AllToAllBruck(3);
        schedule.Planes = 1;

        ScheduleException e = Broken(schedule, new Shape(3));

        Assert.Equal("shape", e.Rule);
        Assert.Contains("of scratch does not exist: there are 1 planes of 3", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_ChunksThatAreNoBlocks_IsAShapeFault() =>
        Assert.Equal("shape", Broken(new ListedSchedule(5, 0, [], []) { Collective = CollectiveKind.AllGather }, new Shape(2)).Rule);

    [Fact]
    public void Verify_CopyOntoItself_IsAHazard()
    {
        var schedule = new ListedSchedule(3, 0, [Step.Copy(0, 0, Input, 1, Output, count: 2)]) { Collective = CollectiveKind.AllGather };

        Assert.Equal("shape", Broken(schedule, new Shape(1)).Rule); // chunks of one block may differ in size
        var turned = new ListedSchedule(3, 0, [Step.Copy(0, 0, Scratch, 1, Scratch, count: 2)], [], []) { Collective = CollectiveKind.AllToAll };
        Assert.Equal(("hazard", 0, 0), Where(Broken(turned, new Shape(3))));
    }

    [Theory]
    [InlineData(ScheduleTraits.RankOrdered)]
    [InlineData(ScheduleTraits.FixedTree)]
    public void Verify_PromiseThatIsNotKept_IsATraitsFault(ScheduleTraits trait)
    {
        ISchedule original = SmallSchedules.ReduceScatter(3);
        var schedule = new ListedSchedule(original, new Shape(3)) { Traits = trait };

        ScheduleException e = Broken(schedule, new Shape(3));

        Assert.Equal("traits", e.Rule);
        Assert.Contains($"it promises {trait}, and does not keep it: chunk 0 is final ((in1[0] + in2[0]) + in0[0])", e.Message, StringComparison.Ordinal);
    }

    /// <summary>In a gather or scatter with counts only the root and the rank itself know a block's size.</summary>
    [Fact]
    public void Verify_GatherAndScatterThroughAThirdRank_DoNotKeepVariableBlocks()
    {
        Assert.True(ScheduleVerifier.Verify(DirectGather.Instance, new Shape(4)).Traits.HasFlag(ScheduleTraits.VariableBlocks));
        Assert.True(ScheduleVerifier.Verify(DirectScatter.Instance, new Shape(4)).Traits.HasFlag(ScheduleTraits.VariableBlocks));
        Assert.False(ScheduleVerifier.Verify(TreeGather.Instance, new Shape(4)).Traits.HasFlag(ScheduleTraits.VariableBlocks));
        Assert.False(ScheduleVerifier.Verify(TreeScatter.Instance, new Shape(4)).Traits.HasFlag(ScheduleTraits.VariableBlocks));
    }

    [Fact]
    public void Verify_BlocksThroughAThirdRank_DoNotKeepVariableBlocks()
    {
        var schedule = new ListedSchedule(SmallSchedules.AllToAllBruck(3), new Shape(3)) { Traits = ScheduleTraits.VariableBlocks };

        Assert.Equal("traits", Broken(schedule, new Shape(3)).Rule);
    }

    [Fact]
    public void Verify_BarrierWithOneRoundLess_IsAPostconditionFault()
    {
        ListedSchedule schedule = SmallSchedules.Barrier(4);
        foreach (List<Step> steps in schedule.Steps)
        {
            steps.RemoveRange(2, 2);
        }

        ScheduleException e = Broken(schedule, new Shape(4));

        Assert.Equal("postcondition", e.Rule);
        Assert.Contains("it may end before rank 1 has begun", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_BarrierThatMovesAChunk_IsAShapeFault()
    {
        var schedule = new ListedSchedule(2, 1, [Step.Send(0, 1, 1), Step.Receive(0, 0, 1)], [Step.Send(0, 0, 0), Step.Receive(0, 1, 0)]) { Collective = CollectiveKind.Barrier };

        Assert.Equal(("shape", 0, 0), Where(Broken(schedule, new Shape(2))));
    }

    private static ScheduleException Broken(ISchedule schedule, Shape shape) => Assert.Throws<ScheduleException>(() => ScheduleVerifier.Verify(schedule, shape));

    private static (string Rule, int Rank, int Step) Where(ScheduleException e) => (e.Rule, e.Rank, e.Step);
}
