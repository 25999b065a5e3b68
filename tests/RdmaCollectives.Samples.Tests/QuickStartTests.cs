namespace RdmaCollectives.Samples.Tests;

/// <summary>The small samples of README.md and of the quick start: they run, in every language, and print what the pages say.</summary>
public sealed class QuickStartTests
{
    public static TheoryData<string> Languages => ["QuickStart", "QuickStart.CSharp13", "QuickStart.FSharp"];

    [Theory, MemberData(nameof(Languages))]
    public async Task Run_WithoutLauncher_IsAWorldOfOne(string sample)
    {
        ProgramResult result = await Programs.RunAsync(Programs.PathOf(sample, sample));

        Assert.Equal(new ProgramResult(0, "rank 0 of 1: 1 2 0\n", ""), result);
    }

    [Theory]
    [InlineData("QuickStart", 4, "4 8 6")]
    [InlineData("QuickStart.CSharp13", 2, "2 4 1")]
    [InlineData("QuickStart.FSharp", 2, "2 4 1")]
    public async Task Run_UnderTheLauncher_AddsUpOverRanks(string sample, int ranks, string sums)
    {
        ProgramResult result = await Programs.RunAsync(Programs.PathOf("RdmaCollectives.Tool", "rdmacc"), "run", "-n", $"{ranks}", "--", Programs.PathOf(sample, sample));

        Assert.True(result.ExitCode == 0, result.ToString());
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Enumerable.Range(0, ranks).Select(rank => $"[{rank}] rank {rank} of {ranks}: {sums}"), lines.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(3, 1)]
    [InlineData(4, 100_000)]
    public async Task SampleSort_OfKeysOnAllRanks_SortsAllOfThem(int ranks, int keys)
    {
        ProgramResult result = await Programs.RunAsync(Programs.PathOf("RdmaCollectives.Tool", "rdmacc"), "run", "-n", $"{ranks}", "--", Programs.PathOf("SampleSort", "SampleSort"), $"{keys}");

        Assert.Equal(new ProgramResult(0, $"[0] {(long)ranks * keys} keys on {ranks} ranks: sorted\n", ""), result);
    }

    [Fact]
    public async Task LocalGroup_OfFour_AveragesAndMarksEveryRank()
    {
        ProgramResult result = await Programs.RunAsync(Programs.PathOf("LocalGroup", "LocalGroup"));

        Assert.Equal(new ProgramResult(0, "4 ranks: average 1.5, present 1111\n", ""), result);
    }
}
