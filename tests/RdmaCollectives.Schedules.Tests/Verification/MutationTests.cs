using RdmaCollectives.Schedules.Verification;

namespace RdmaCollectives.Schedules.Tests.Verification;

/// <summary>
/// The verifier on trial: one step of a right schedule is changed, and it must object. A mutant that it accepts must be as right as the original, which is shown twice: by its kind (few
/// kinds of change are harmless, and they are named here) and by running it concretely.
/// </summary>
public sealed class MutationTests
{
    private const int RunsPerSurvivor = 24;

    [Theory]
    [InlineData("ring", 1, 1)]
    [InlineData("ring", 2, 1)]
    [InlineData("ring", 3, 1)]
    [InlineData("ring", 4, 1)]
    [InlineData("ring", 2, 2)]
    [InlineData("ring", 3, 2)]
    [InlineData("direct", 1, 1)]
    [InlineData("direct", 2, 1)]
    [InlineData("direct", 3, 1)]
    [InlineData("direct", 4, 1)]
    [InlineData("direct", 3, 2)]
    public void Verify_EveryMutantOfASmallSchedule_IsRefusedOrHarmless(string name, int ranks, int channels) =>
        Judge(name, new Shape(ranks, Channels: channels), static _ => true);

    [Theory]
    [InlineData("ring", 7, 1, 20_011)]
    [InlineData("ring", 6, 2, 20_021)]
    [InlineData("ring", 16, 1, 20_023)]
    [InlineData("direct", 7, 1, 20_029)]
    [InlineData("direct", 6, 2, 20_047)]
    [InlineData("direct", 16, 1, 20_051)]
    public void Verify_SampledMutantsOfALargerSchedule_AreRefusedOrHarmless(string name, int ranks, int channels, int seed)
    {
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        var random = new Random(seed);
        var shape = new Shape(ranks, Channels: channels);
        double share = 1_500.0 / Mutation.All(AllSchedules.ByName(name), shape).Count();

        Judge(name, shape, _ => random.NextDouble() < share);
    }

    private static void Judge(string name, Shape shape, Func<string, bool> isChosen)
    {
        ISchedule original = AllSchedules.ByName(name);
        int refused = 0;
        int harmless = 0;
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
            Assert.True(IsHarmlessKind(original, mutant, shape), $"accepted, and not of a kind known to be harmless: {what}");
            AssertRunsRight(what, mutant, shape);
        }

        TestContext.Current.SendDiagnosticMessage("{0}, {1}: {2} mutants refused, {3} harmless", name, shape, refused, harmless);
        Assert.True(refused > 0);
    }

    /// <summary>Every run, in place or not, ends with one text on all ranks that has each contribution once and is finished once.</summary>
    private static void AssertRunsRight(string what, ListedSchedule mutant, Shape shape)
    {
        string[]? expected = null;
        for (int seed = 0; seed < RunsPerSurvivor; seed++)
        {
            string[][]? outputs = new ConcreteRun(mutant, shape, inPlace: seed % 2 == 0, mutant.Credits + (seed % 3), seed).Run();
            Assert.True(outputs is not null, $"accepted, and it deadlocks or leaves messages (seed {seed}): {what}");
            expected ??= outputs[0];
            Assert.All(outputs, output => Assert.Equal(expected, output));
        }

        for (int chunk = 0; chunk < expected!.Length; chunk++)
        {
            string text = expected[chunk];
            string[] terms = text.Trim('[', ']').Replace("(", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal).Split('+');
            Assert.Equal(Enumerable.Range(0, shape.Ranks).Select(rank => $"{rank}.{chunk}").Order(StringComparer.Ordinal), terms.Order(StringComparer.Ordinal));
            Assert.True(text.StartsWith('[') && text.EndsWith(']') && text.Count(static c => c == '[') == 1, text);
        }
    }

    /// <summary>
    /// What may differ without harm: how the channels are interleaved; when a message leaves, beside steps that it does not depend on; a copy made twice; the own value read from the input
    /// instead of its copy in scratch; and in the ring, where each value is computed on one rank only, the sides of an addition. The verifier decides where these really are harmless.
    /// </summary>
    private static bool IsHarmlessKind(ISchedule original, ListedSchedule mutant, Shape shape) =>
        Enumerable.Range(0, shape.Ranks).All(rank =>
        {
            Step[] before = [.. Enumerable.Range(0, original.StepCount(shape, rank)).Select(index => original.GetStep(shape, rank, index))];
            return Enumerable.Range(0, shape.Channels).All(channel => Essence(original.Name, before, channel).SequenceEqual(Essence(original.Name, mutant.Steps[rank], channel), StringComparer.Ordinal));
        });

    private static IEnumerable<string> Essence(string name, IEnumerable<Step> steps, int channel)
    {
        Step[] lane = [.. steps.Where(step => step.Channel == channel)];
        IEnumerable<string> local = lane.Where(static step => step.Kind != StepKind.Send).Select(step => Essence(name, step));
        IEnumerable<string> sent = lane.Where(static step => step.Kind == StepKind.Send).OrderBy(static step => step.SendPeer).Select(static step => step.ToString());
        return string.Equals(name, "ring", StringComparison.Ordinal)
            ? lane.Select(step => Essence(name, step))
            : local.Where((text, index) => index == 0 || !text.Contains(" Copy ", StringComparison.Ordinal) || !string.Equals(text, local.ElementAt(index - 1), StringComparison.Ordinal)).Concat(sent);
    }

    private static string Essence(string name, Step step) =>
        string.Equals(name, "ring", StringComparison.Ordinal) ? step.ToString().Replace(" own left", "", StringComparison.Ordinal)
        : step.Kind is StepKind.ReceiveReduce or StepKind.Reduce ? step.ToString().Replace("own Input", "own Scratch", StringComparison.Ordinal)
        : step.ToString();
}
