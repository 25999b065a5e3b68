using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Schedules that work in scratch memory, over many rounds: what is sent must not be overwritten by the next round before it has gone.</summary>
public sealed class ReducerTests
{
    [Theory]
    [InlineData("shm", 3)]
    [InlineData("tcp", 3)]
    [InlineData("tcp", 5)]
    public void AllReduce_ReducerThatDoesNotCommuteOverManyRounds_IsInRankOrder(string transport, int ranks)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, ranks);
        foreach (int count in (int[])[1, 1000, 300_000])
        {
            Assert.All(group.Tell($"rank-order {count}", TimeSpan.FromSeconds(120)), answer => Assert.Equal($"ok {count}", answer));
        }
    }
}
