using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Calls that were made before allocate nothing in the whole process.</summary>
public sealed class AllocationTests
{
    [Theory]
    [InlineData("shm", 10)]
    [InlineData("shm", 20_000)]
    [InlineData("tcp", 10)]
    [InlineData("tcp", 20_000)]
    public void EveryCall_Repeated_AllocatesNothingInTheWholeProcess(string transport, int count)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 3, _ => [WorkerGroup.CompiledOnce]);
        Assert.All(group.Tell($"allocations-of-all {count} 1000", TimeSpan.FromSeconds(120)), answer => Assert.Equal("ok ", answer));
    }
}
