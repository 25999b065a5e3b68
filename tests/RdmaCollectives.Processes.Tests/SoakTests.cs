using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Random calls, groups, splits and ends of splits: the short form of <c>./build.sh --target=Soak</c>, which also judges what grows.</summary>
public sealed class SoakTests
{
    [Fact]
    public void Calls_OfAllKindsWithSplitsAndCancels_AreRightAndLeaveNothingBehind()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        string dumps = Path.Combine(Path.GetTempPath(), $"rdmacc-soak-{seed}");
        var run = new SoakRun(ranks: 4, RankGroups.Mixed, seed, dumps);
        run.Run(TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(1));
        Assert.True(run.Complaints.Count == 0, $"{string.Join('\n', run.Complaints)}\nThe ranks' flight recorders are in {dumps}: rdmacc inspect {dumps}/*.json");
        if (Directory.Exists(dumps))
        {
            Directory.Delete(dumps, recursive: true);
        }

        Assert.True(run.Calls > 0 && run.Samples.Count >= 8);
        foreach (IGrouping<int, SoakSample> rank in run.Samples.GroupBy(sample => sample.Rank))
        {
            SoakSample[] samples = [.. rank];
            Assert.True(samples[^1].Descriptors <= samples[0].Descriptors + 4, $"Rank {rank.Key} had {samples[0].Descriptors} descriptors ({samples[0].Kinds}), and {samples[^1].Descriptors} at the end ({samples[^1].Kinds}).");
            Assert.True(samples[^1].Threads <= samples[0].Threads + 8, $"Rank {rank.Key} had {samples[0].Threads} threads, and {samples[^1].Threads} at the end.");
        }
    }
}
