using RdmaCollectives.Schedules.Verification;
using static RdmaCollectives.Schedules.StepBuffer;

namespace RdmaCollectives.Schedules.Tests.Verification;

/// <summary>Whether what a rank receives into its output may be stored there by the sender, as soon as that has it.</summary>
public sealed class OpenOutputTests
{
    public static TheoryData<CollectiveKind, string> Schedules() => new(ScheduleCatalog.All.Select(static schedule => (schedule.Collective, schedule.Name)));

    /// <summary>The library takes it for granted of its own schedules, and asks of a user's.</summary>
    [Theory]
    [MemberData(nameof(Schedules))]
    public void Verify_AScheduleOfOurs_LeavesItsOutputOpen(CollectiveKind collective, string name)
    {
        ISchedule schedule = ScheduleCatalog.Find(collective, name)!;
        foreach (int n in (int[])[2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 32, 33])
        {
            foreach (int channels in (int[])[1, 2])
            {
                var shape = new Shape(n, collective.IsRooted() ? n / 2 : 0, channels, LocalRanks: n % 4 == 0 ? 4 : 1);
                Assert.True(!schedule.Supports(shape) || ScheduleVerifier.Verify(schedule, shape).Traits.HasFlag(ScheduleTraits.OpenOutput), $"{shape}");
            }
        }
    }

    [Fact]
    public void Verify_OwnUseThatTheSenderDoesNotKnowOf_IsNotOpen()
    {
        // Rank 0 keeps something in block 1 of its output until block 1 comes, and rank 1 sends that first of all.
        ListedSchedule Schedule(ScheduleTraits traits) => new(
            2,
            1,
            [Step.Copy(0, 0, Input, 0, Output), Step.Copy(0, 0, Input, 1, Output), Step.Receive(0, 1, 1), Step.Send(0, 0, 1)],
            [Step.Send(0, 1, 0), Step.Copy(0, 1, Input, 1, Output), Step.Receive(0, 0, 0)])
        { Collective = CollectiveKind.AllGather, Traits = traits };

        Assert.False(ScheduleVerifier.Verify(Schedule(ScheduleTraits.None), new Shape(2)).Traits.HasFlag(ScheduleTraits.OpenOutput));
        ScheduleException e = Assert.Throws<ScheduleException>(() => ScheduleVerifier.Verify(Schedule(ScheduleTraits.OpenOutput), new Shape(2)));
        Assert.Equal(("traits", 0, 2), (e.Rule, e.Rank, e.Step));
        Assert.Contains("Output[1] may come while an earlier step of its own uses the memory: rank 1 cannot know that to be over when it sends", e.Message, StringComparison.Ordinal);
    }

    /// <summary>In place the input lies where the result comes, and rank 0 reads it once more after rank 1 has all that it needs.</summary>
    [Fact]
    public void Verify_OwnInputReadThatTheSenderDoesNotKnowOf_IsNotOpen()
    {
        ListedSchedule Schedule(ScheduleTraits traits) => new(
            1,
            1,
            [Step.Send(0, 0, 1), Step.Copy(0, 0, Input, 0, Scratch), Step.Receive(0, 0, 1)],
            [Step.ReceiveReduceCopySend(0, 0, 0, 0, isFinal: true)])
        { Traits = traits };

        Assert.False(ScheduleVerifier.Verify(Schedule(ScheduleTraits.None), new Shape(2)).Traits.HasFlag(ScheduleTraits.OpenOutput));
        ScheduleException e = Assert.Throws<ScheduleException>(() => ScheduleVerifier.Verify(Schedule(ScheduleTraits.OpenOutput), new Shape(2)));
        Assert.Equal(("traits", 0, 2), (e.Rule, e.Rank, e.Step));
    }

    [Fact]
    public void Verify_ReaderThatTheSenderDoesNotKnowOf_IsNotOpen()
    {
        // Rank 1 tells rank 0 that it has read what came from there, and nobody tells rank 2, which sends to the same place.
        ListedSchedule Schedule(ScheduleTraits traits) => new(
            1,
            2,
            [Step.ReceiveCopySend(0, 0, 2, 1), Step.Receive(0, 0, 1, Scratch), Step.Receive(0, 0, 2)],
            [Step.Receive(0, 0, 0), Step.Send(0, 0, 0, Output)],
            [Step.Send(0, 0, 0), Step.Send(0, 0, 0), Step.Copy(0, 0, Input, 0, Output)])
        { Collective = CollectiveKind.Broadcast, Traits = traits };
        var shape = new Shape(3, Root: 2);

        Assert.False(ScheduleVerifier.Verify(Schedule(ScheduleTraits.None), shape).Traits.HasFlag(ScheduleTraits.OpenOutput));
        ScheduleException e = Assert.Throws<ScheduleException>(() => ScheduleVerifier.Verify(Schedule(ScheduleTraits.OpenOutput), shape));
        Assert.Equal(("traits", 0, 2), (e.Rule, e.Rank, e.Step));
        Assert.Contains("rank 1 still reads what was sent from there", e.Message, StringComparison.Ordinal);
    }

    /// <summary>What comes into the output and is stored over later is no result: an operand that a rank keeps there, as in all-pairs.</summary>
    [Fact]
    public void Verify_WhatIsStoredOver_DoesNotCount()
    {
        var schedule = new ListedSchedule(
            1,
            1,
            [Step.Send(0, 0, 1), Step.Receive(0, 0, 1)],
            [Step.Copy(0, 0, Input, 0, Scratch), Step.Receive(0, 0, 0), Step.Reduce(0, 0, Scratch, 0, Output, isFinal: true), Step.Send(0, 0, 0, Output)])
        { Traits = ScheduleTraits.OpenOutput };

        Assert.True(ScheduleVerifier.Verify(schedule, new Shape(2)).Traits.HasFlag(ScheduleTraits.OpenOutput));
    }
}
