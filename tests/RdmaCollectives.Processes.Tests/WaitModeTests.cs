using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Ranks that wait in other ways than the usual one, each its own, over what wakes them.</summary>
public sealed class WaitModeTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly string[] s_modes = ["event", "busy", "adaptive"];
    private static readonly string[] s_cases = ["AllReduce/Float32/1/Sum", "AllReduce/Float32/300000/Sum", "AllGather/Int64/3000", "AllToAllV/Int32/900/seed=3", "SendReceive/UInt8/400000/root=1", "Barrier/UInt8/20/root=1"];

    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Calls_OfRanksThatWaitInDifferentWays_AreExact(string transport)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, s_modes.Length, rank => [("RDMACC_WAIT", s_modes[rank])]);
        foreach (string one in s_cases)
        {
            Assert.All(group.Tell($"case {one}", Deadline), answer => Assert.Equal($"ok {one}", answer));
        }
    }
}
