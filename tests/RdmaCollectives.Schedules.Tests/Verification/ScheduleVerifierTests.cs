using RdmaCollectives.Schedules.Algorithms;
using RdmaCollectives.Schedules.Verification;
using static RdmaCollectives.Schedules.StepBuffer;

namespace RdmaCollectives.Schedules.Tests.Verification;

/// <summary>One small wrong schedule per rule: the verifier must name the rule, the rank and the step.</summary>
public sealed class ScheduleVerifierTests
{
    private static readonly Shape Two = new(2);

    [Fact]
    public void Verify_CreditsBelowTheRingsTwo_ReportsWhoWaitsForWhat()
    {
        var ring = new ListedSchedule(RingAllReduce.Instance, new Shape(3)) { Credits = 1 };

        ScheduleException e = Broken(ring, new Shape(3));

        Assert.Equal(("deadlock", 0, 1), (e.Rule, e.Rank, e.Step));
        Assert.Contains("with 1 credits: 3 of 3 lanes wait for ever", e.Message, StringComparison.Ordinal);
        Assert.Contains("rank 2, channel 0, position 1 (ch0 ReceiveReduceSend [0] <- 1 -> 0 own Input) waits for room in the FIFO to rank 0", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_MoreCreditsThanNeeded_ReportsTheLeast()
    {
        var ring = new ListedSchedule(RingAllReduce.Instance, new Shape(5)) { Credits = 7 };

        Assert.Equal(2, ScheduleVerifier.Verify(ring, new Shape(5)).LeastCredits);
    }

    [Fact]
    public void Verify_BothReceiveFirst_IsADeadlock()
    {
        var schedule = new ListedSchedule(1, 9, [Step.Receive(0, 0, 1), Step.Send(0, 0, 1)], [Step.Receive(0, 0, 0), Step.Send(0, 0, 0)]);

        Assert.Equal(("deadlock", 0, 0), Where(Broken(schedule, Two)));
    }

    [Fact]
    public void Verify_OwnFirstOnBothRanks_IsAnOrderFault()
    {
        // Each rank computes own (+) received: the values agree, their bits need not.
        Step[] Rank(int peer) => [Step.Copy(0, 0, Input, 0, Scratch), Step.Send(0, 0, peer, Scratch), Step.ReceiveReduce(0, 0, peer, Scratch, Output, isFinal: true, isOwnLeft: true)];

        ScheduleException e = Broken(new ListedSchedule(1, 1, Rank(1), Rank(0)), Two);

        Assert.Equal("order", e.Rule);
        Assert.Contains("(in1[0] + in0[0])", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_ResultOverAnInputInFlight_IsAHazardInPlace()
    {
        // Right out of place. In place, rank 0 may store its result before rank 1 has read rank 0's input.
        var schedule = new ListedSchedule(
            1,
            1,
            [Step.Send(0, 0, 1), Step.ReceiveReduce(0, 0, 1, isFinal: true, isOwnLeft: true)],
            [Step.Send(0, 0, 0), Step.ReceiveReduce(0, 0, 0, isFinal: true)]);

        Assert.Equal("hazard", Broken(schedule, Two).Rule);
    }

    [Fact]
    public void Verify_StoreBehindTheReadersOwnMessage_IsSafeUntilTheReaderSendsFirst()
    {
        // Rank 0 sends its input to rank 1, and stores over it when the result comes from rank 2, which needs a message of rank 1.
        var schedule = new ListedSchedule(
            1,
            1,
            [Step.Send(0, 0, 1), Step.Send(0, 0, 2), Step.Receive(0, 0, 2)],
            [Step.Receive(0, 0, 0, Scratch), Step.Send(0, 0, 2), Step.Receive(0, 0, 2)],
            [Step.ReceiveReduce(0, 0, 0, destination: Scratch), Step.ReceiveReduce(0, 0, 1, Scratch, Output, isFinal: true), Step.Send(0, 0, 0, Output), Step.Send(0, 0, 1, Output)]);
        ScheduleVerifier.Verify(schedule, new Shape(3));

        (schedule.Steps[1][0], schedule.Steps[1][1]) = (schedule.Steps[1][1], schedule.Steps[1][0]);

        Assert.Equal(("hazard", 0, 2), Where(Broken(schedule, new Shape(3))));
    }

    [Fact]
    public void Verify_HazardThatNoRunShows_IsFoundByTheClocks()
    {
        // The result reaches rank 0 by a long chain, 0 and 1 to 2 to 3 and so on. Rank 1 has all that time to read what rank 0 sent it, and in every run it does; but
        // nothing makes it: it has sent its own part before.
        const int N = 16;
        Step[][] steps = new Step[N][];
        steps[0] = [Step.Send(0, 0, 2), Step.Send(0, 0, 1), Step.Receive(0, 0, N - 1)];
        steps[1] = [Step.Send(0, 0, 2), Step.Receive(0, 0, 0, Scratch), Step.Receive(0, 0, N - 1)];
        steps[2] = [Step.ReceiveReduce(0, 0, 0, destination: Scratch), Step.ReceiveReduceSend(0, 0, 1, 3, Scratch), Step.Receive(0, 0, N - 1)];
        for (int rank = 3; rank < N - 1; rank++)
        {
            steps[rank] = [Step.ReceiveReduceSend(0, 0, rank - 1, rank + 1), Step.Receive(0, 0, N - 1)];
        }

        steps[N - 1] = [Step.ReceiveReduceCopySend(0, 0, N - 2, 0, isFinal: true), .. Enumerable.Range(1, N - 2).Select(static rank => Step.Send(0, 0, rank, Output))];
        var schedule = new ListedSchedule(1, 1, steps);

        ScheduleException e = Broken(schedule, new Shape(N));

        Assert.Equal(("hazard", 0, 2), Where(e));
        Assert.Contains("nothing makes sure that rank 1 has taken the message", e.Message, StringComparison.Ordinal);
        (steps[1][0], steps[1][1]) = (steps[1][1], steps[1][0]);
        ScheduleVerifier.Verify(new ListedSchedule(1, 1, steps), new Shape(N));
    }

    [Fact]
    public void Verify_ResultNotMarkedFinal_IsAFinalFault()
    {
        var schedule = new ListedSchedule(1, 0, [Step.Copy(0, 0, Input, 0, Output)]);

        Assert.Equal("final", Broken(schedule, new Shape(1)).Rule);
    }

    [Fact]
    public void Verify_FinalTwice_IsAFinalFault()
    {
        var schedule = new ListedSchedule(1, 0, [Step.Copy(0, 0, Input, 0, Scratch, isFinal: true), Step.Copy(0, 0, Scratch, 0, Output, isFinal: true)]);

        Assert.Equal(("final", 0, 1), Where(Broken(schedule, new Shape(1))));
    }

    [Fact]
    public void Verify_ContributionTwice_IsAPostconditionFault()
    {
        var schedule = new ListedSchedule(
            1, 0, [Step.Copy(0, 0, Input, 0, Output), Step.Reduce(0, 0, Input, 0, Output, isFinal: true)]);

        Assert.Equal(("postcondition", 0, 1), Where(Broken(schedule, new Shape(1))));
    }

    [Fact]
    public void Verify_MessageNobodyTakes_IsAPostconditionFault()
    {
        var schedule = new ListedSchedule(DirectAllReduce.Instance, Two) { Credits = 2 };
        schedule.Steps[0].Add(Step.Send(0, 0, 1, Scratch));

        ScheduleException e = Broken(schedule, Two);

        Assert.Equal(("postcondition", 1), (e.Rule, e.Rank));
        Assert.Contains("1 messages from rank 0", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_ScratchReadBeforeItIsStored_IsAHazard()
    {
        var schedule = new ListedSchedule(1, 0, [Step.Copy(0, 0, Scratch, 0, Output, isFinal: true)]);

        Assert.Equal(("hazard", 0, 0), Where(Broken(schedule, new Shape(1))));
    }

    public static TheoryData<string, Step> StepsOfNoShape() => new()
    {
        { "receives from rank 2", Step.Receive(0, 0, 2) },
        { "receives from rank 0", Step.Receive(0, 0, 0) },
        { "sends to rank -1", Step.Send(0, 0, -1) },
        { "chunk 1 does not exist", Step.Send(0, 1, 1) },
        { "channel 1 does not exist", Step.Send(1, 0, 1) },
        { "writes to the input", Step.Receive(0, 0, 1, Input) },
        { "buffer that does not exist", Step.Receive(0, 0, 1, (StepBuffer)3) },
    };

    [Theory]
    [MemberData(nameof(StepsOfNoShape))]
    public void Verify_StepOutsideTheShape_IsAShapeFault(string words, Step step)
    {
        ScheduleException e = Broken(new ListedSchedule(1, 1, [step], []), Two);

        Assert.Equal(("shape", 0, 0), Where(e));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ring")]
    [InlineData("direct")]
    public void Verify_DroppedStepAmongManyRanks_IsFoundByFingerprint(string name)
    {
        var shape = new Shape(100);
        ISchedule original = AllSchedules.ByName(name);
        for (int index = 0; index < original.StepCount(shape, 41); index++)
        {
            var schedule = new ListedSchedule(original, shape);
            schedule.Steps[41].RemoveAt(index);
            Broken(schedule, shape);
        }
    }

    [Fact]
    public void Verify_ShapeOutOfRange_ThrowsBeforeTheScheduleIsAsked() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ScheduleVerifier.Verify(RingAllReduce.Instance, new Shape(0)));

    private static ScheduleException Broken(ISchedule schedule, Shape shape) => Assert.Throws<ScheduleException>(() => ScheduleVerifier.Verify(schedule, shape));

    private static (string Rule, int Rank, int Step) Where(ScheduleException e) => (e.Rule, e.Rank, e.Step);
}
