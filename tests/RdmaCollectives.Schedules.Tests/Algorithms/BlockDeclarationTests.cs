using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests.Algorithms;

/// <summary>What the schedules of the collectives with blocks declare is what they use: memory is laid out and messages are cut by it.</summary>
public sealed class BlockDeclarationTests
{
    public static TheoryData<CollectiveKind, string> Schedules()
    {
        var data = new TheoryData<CollectiveKind, string>();
        foreach (ISchedule schedule in ScheduleCatalog.All.Where(static schedule => schedule.Collective.HasBlocks()))
        {
            data.Add(schedule.Collective, schedule.Name);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Verify_Declarations_AreWhatIsUsed(CollectiveKind collective, string name)
    {
        ISchedule schedule = ScheduleCatalog.Find(collective, name)!;
        foreach (int n in (int[])[2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 16, 17, 24, 31, 32, 33, 48, 49, 64, 65, 97])
        {
            var shape = new Shape(n, collective.IsRooted() ? n / 2 : 0);

            ScheduleReport report = ScheduleVerifier.Verify(schedule, shape);

            Assert.True(report.MessageChunks == schedule.MessageChunks(shape), $"{n} ranks: messages of {report.MessageChunks} chunks, {schedule.MessageChunks(shape)} declared");
            Assert.True(report.ScratchPlanes == 0 || report.ScratchPlanes == schedule.ScratchPlanes(shape), $"{n} ranks: {report.ScratchPlanes} planes, {schedule.ScratchPlanes(shape)} declared");
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Verify_VariableBlocks_AreClaimedWhereTheyHold(CollectiveKind collective, string name)
    {
        ISchedule schedule = ScheduleCatalog.Find(collective, name)!;

        ScheduleReport report = ScheduleVerifier.Verify(schedule, new Shape(11));

        Assert.Equal(schedule.Traits.HasFlag(ScheduleTraits.VariableBlocks), report.Traits.HasFlag(ScheduleTraits.VariableBlocks));
    }

    [Theory]
    [InlineData("pat", CollectiveKind.AllGather)]
    [InlineData("bruck", CollectiveKind.AllGather)]
    [InlineData("halving", CollectiveKind.ReduceScatter)]
    [InlineData("pairwise", CollectiveKind.AllToAll)]
    [InlineData("tree", CollectiveKind.Gather)]
    public void Supports_SeveralChannels_IsFalseWhereRanksTalkToOthersThanNeighbours(string name, CollectiveKind collective) =>
        Assert.False(ScheduleCatalog.Find(collective, name)!.Supports(new Shape(8, Channels: 2)));

    [Theory]
    [InlineData("bruck", 65_535, true)] // the last message has 32,767 blocks
    [InlineData("bruck", 65_536, false)]
    [InlineData("recursive-doubling", 32_768, true)] // a power of two
    [InlineData("recursive-doubling", 32_769, false)] // a folded rank gets all blocks but its own
    [InlineData("pat", 1_000_000, true)]
    public void Supports_MessagesOfTooManyBlocks_IsFalse(string name, int ranks, bool expected) =>
        Assert.Equal(expected, ScheduleCatalog.Find(CollectiveKind.AllGather, name)!.Supports(new Shape(ranks)));

    [Theory]
    [MemberData(nameof(Schedules))]
    public void GetStep_OutOfRange_Throws(CollectiveKind collective, string name)
    {
        ISchedule schedule = ScheduleCatalog.Find(collective, name)!;
        var shape = new Shape(5);

        Assert.Throws<ArgumentOutOfRangeException>(() => schedule.GetStep(shape, 5, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => schedule.GetStep(shape, -1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => schedule.GetStep(shape, 1, schedule.StepCount(shape, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => schedule.GetStep(shape, 1, -1));
    }
}
