using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>The bit-exact sum has the same bits over every transport and however ranks lie on hosts: those of the fixed tree.</summary>
public sealed class ExactSumTests
{
    [Theory]
    [InlineData("shm", 5)]
    [InlineData("tcp", 5)]
    [InlineData(RankGroups.Mixed, 4)]
    [InlineData(RankGroups.Mixed, 5)]
    public void AllReduce_BitExact_IsTheFixedTreeOverEveryTransport(string transport, int ranks)
    {
        using WorkerGroup group = RankGroups.Start(transport, ranks);
        foreach (int count in (int[])[1, 1000, 300_007])
        {
            string expected = $"ok {ExactSum.Expected(ranks, count)}";
            Assert.All(group.Tell($"exact-sum {count}", TimeSpan.FromSeconds(60)), answer => Assert.Equal(expected, answer));
        }
    }
}
