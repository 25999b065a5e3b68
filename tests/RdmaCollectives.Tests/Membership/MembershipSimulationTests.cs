using System.Diagnostics;

namespace RdmaCollectives.Tests.Membership;

/// <summary>The agreement of ADR 17 under every kind of trouble, by seeds. <c>RDMACC_MEMBERSHIP_SEEDS=from..to</c> runs others; one seed prints what happened.</summary>
public sealed class MembershipSimulationTests(ITestOutputHelper output)
{
    private const int Enough = 10_000;

    public static TheoryData<int> Bugs => [.. Enum.GetValues<MembershipBugs>().Where(bug => bug != MembershipBugs.None).Select(bug => (int)bug)];

    [Fact]
    public void Agreement_UnderFaults_NeverReturnsTwoRostersAndEnds()
    {
        (int first, int last, TimeSpan longest) = Seeds();
        var clock = Stopwatch.StartNew();
        long events = 0;
        long successions = 0;
        int seed = first;
        for (; seed <= last && clock.Elapsed < longest; seed++)
        {
            List<string>? trace = first == last ? [] : null;
            var world = new MembershipWorld(seed, trace: trace);
            string? wrong = world.Run();
            trace?.ForEach(output.WriteLine);
            Assert.True(wrong is null, $"Seed {seed}: {wrong}. Again, with all that happened: RDMACC_MEMBERSHIP_SEEDS={seed}..{seed}");
            events += world.Events;
            successions += world.Successions;
        }

        output.WriteLine($"{seed - first} seeds, {events} events, {successions} successions in {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.True(first == last || successions > (seed - first) / 2, "Most runs came to no successor: the simulation tests nothing.");
    }

    [Theory]
    [MemberData(nameof(Bugs))]
    public void Simulation_WithABugPlanted_FindsIt(int bug)
    {
        for (int seed = 0; seed < Enough; seed++)
        {
            if (new MembershipWorld(seed, (MembershipBugs)bug).Run() is { } wrong)
            {
                output.WriteLine($"{(MembershipBugs)bug}: seed {seed}: {wrong}");
                return;
            }
        }

        Assert.Fail($"{(MembershipBugs)bug} was not found in {Enough} seeds.");
    }

    [Fact]
    public void Simulation_OfOneSeed_IsTheSameTwice()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            List<string> first = [];
            List<string> second = [];
            new MembershipWorld(seed, trace: first).Run();
            new MembershipWorld(seed, trace: second).Run();
            Assert.Equal(first, second);
        }
    }

    private static (int First, int Last, TimeSpan Longest) Seeds()
    {
        string[]? asked = Environment.GetEnvironmentVariable("RDMACC_MEMBERSHIP_SEEDS")?.Split("..");
        return asked is null
            ? (0, int.MaxValue - 1, TimeSpan.FromSeconds(10))
            : (int.Parse(asked[0], null), int.Parse(asked[^1], null), TimeSpan.FromHours(1));
    }
}
