using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests.Verification;

/// <summary>
/// The verifier on trial: one step of a right schedule is changed, and it must object. A mutant that it accepts must be as right as the original: all orders of events of it are run on texts,
/// in place and out of place, with the declared credits and with more (of larger ones, some orders by a seed).
/// </summary>
public sealed class MutationTests
{
    private const int RunsPerSurvivor = 24;

    public static TheoryData<string> SmallNames() => [.. SmallSchedules.All.Keys];

    [Theory]
    [MemberData(nameof(SmallNames))]
    public void Verify_EveryMutantOfEveryCollective_IsRefusedOrRightInAllOrders(string name)
    {
        (ListedSchedule schedule, Shape shape) = SmallSchedules.All[name];

        // Without promises more mutants are harmless, and have to be shown to be.
        Judge(schedule, shape, static _ => true, everywhere: true);
        Judge(new ListedSchedule(schedule, shape) { Traits = ScheduleTraits.None }, shape, static _ => true, everywhere: true);
    }

    [Theory]
    [InlineData("ring", 1)]
    [InlineData("ring", 2)]
    [InlineData("ring", 3)]
    [InlineData("direct", 1)]
    [InlineData("direct", 2)]
    [InlineData("direct", 3)]
    public void Verify_EveryMutantOfASmallAllReduce_IsRefusedOrRightInAllOrders(string name, int ranks) =>
        Judge(AllSchedules.ByName(name), new Shape(ranks), static _ => true, everywhere: true);

    [Theory]
    [InlineData("ring", 4, 1, 20_011)]
    [InlineData("ring", 3, 2, 20_021)]
    [InlineData("ring", 16, 1, 20_023)]
    [InlineData("direct", 4, 1, 20_029)]
    [InlineData("direct", 3, 2, 20_047)]
    [InlineData("direct", 16, 1, 20_051)]
    public void Verify_SampledMutantsOfALargerAllReduce_AreRefusedOrRight(string name, int ranks, int channels, int seed)
    {
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        var random = new Random(seed);
        var shape = new Shape(ranks, Channels: channels);
        double share = 1_500.0 / Mutation.All(AllSchedules.ByName(name), shape).Count();

        Judge(AllSchedules.ByName(name), shape, _ => random.NextDouble() < share, everywhere: false);
    }

    private static void Judge(ISchedule original, Shape shape, Func<string, bool> isChosen, bool everywhere)
    {
        int refused = 0;
        int harmless = 0;
        AssertRight("the original", original, shape, everywhere);
        foreach ((string what, ListedSchedule mutant) in Mutation.All(original, shape).Where(mutant => isChosen(mutant.What)))
        {
            try
            {
                ScheduleVerifier.Verify(mutant, shape);
            }
            catch (ScheduleException)
            {
                refused++;
                continue;
            }

            harmless++;
            AssertRight(what, mutant, shape, everywhere);
        }

        TestContext.Current.SendDiagnosticMessage("{0} {1}, {2}: {3} mutants refused, {4} harmless", original.Collective, original.Name, shape, refused, harmless);
        Assert.True(refused > 2 * harmless, $"{refused} refused, {harmless} accepted");
    }

    private static void AssertRight(string what, ISchedule schedule, Shape shape, bool everywhere)
    {
        int credits = schedule.MinimumCredits(shape);
        foreach (bool inPlace in (bool[])[true, false])
        {
            foreach (int more in (int[])[0, 2])
            {
                var run = new ConcreteRun(schedule, shape, inPlace, credits + more);
                string? wrong = everywhere ? run.Everywhere() : Enumerable.Range(0, RunsPerSurvivor / 4).Select(run.Once).FirstOrDefault(static result => result is not null);
                Assert.True(wrong is null, $"accepted, and {wrong} ({(inPlace ? "in place" : "out of place")}, {credits + more} credits): {what}");
            }
        }
    }
}
