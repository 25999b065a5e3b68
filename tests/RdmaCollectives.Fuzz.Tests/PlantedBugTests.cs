using RdmaCollectives.Fuzz.Engine;
using RdmaCollectives.Fuzz.Planted;

namespace RdmaCollectives.Fuzz.Tests;

/// <summary>A fuzzer that finds nothing proves nothing: it must find what was put there.</summary>
public sealed class PlantedBugTests
{
    private const int Seed = 1;
    private const int Inputs = 20_000;

    public static TheoryData<string> Mistakes => [.. PlantedBugs.All.Keys];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Run_OverAPlantedBug_FindsIt(string mistake)
    {
        using FuzzTarget target = PlantedBugs.All[mistake]();
        var run = new FuzzRun(target, Seed, []);
        run.Run(Inputs);
        Finding finding = Assert.IsType<Finding>(run.Findings.FirstOrDefault());
        TestContext.Current.TestOutputHelper!.WriteLine($"input {finding.Number}: {finding.What}");
    }

    [Fact]
    public void Run_OverTheParserWithoutAMistake_FindsNothing()
    {
        using FuzzTarget target = PlantedBugs.Sound();
        var run = new FuzzRun(target, Seed, []);
        run.Run(Inputs);
        Assert.Empty(run.Findings);
        Assert.InRange(run.Accepted, 1, run.Inputs - 1);
    }
}
