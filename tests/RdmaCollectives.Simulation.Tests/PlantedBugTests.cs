namespace RdmaCollectives.Simulation.Tests;

/// <summary>A simulation that finds nothing proves nothing: each planted bug is found, within 10,000 seeds.</summary>
public class PlantedBugTests(ITestOutputHelper output)
{
    private const ulong Seeds = 10_000;

    public static TheoryData<string> Bugs => [.. Enum.GetNames<Planted>().Where(name => name != nameof(Planted.None))];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void Run_PlantedBug_IsFound(string bug)
    {
        (ulong seed, string failure)? found = new Worker(Enum.Parse<Planted>(bug)).FirstFailure(0, Seeds, TimeSpan.FromSeconds(60));

        Assert.True(found is not null, $"{bug} was not found in {Seeds} seeds");
        Assert.Empty(new Worker().Run(found.Value.seed).Failures); // and it is what was found
        output.WriteLine($"{bug}: after {found.Value.seed + 1} seeds: {found.Value.failure}");
    }
}
