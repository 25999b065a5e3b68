using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Every thread of the pool sits in a synchronous collective: calls, the control thread and its news go on without them.</summary>
public sealed class StarvedPoolTests
{
    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Kill_WhileThePoolIsStarved_IsStillToldInTime(string transport)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 2);
        foreach (string answer in group.Tell("starve", TimeSpan.FromSeconds(60)))
        {
            Assert.StartsWith("starved ", answer, StringComparison.Ordinal);
        }

        Assert.Equal("looping", group.Read(0, TimeSpan.FromSeconds(30)));
        Assert.Equal("looping", group.Read(1, TimeSpan.FromSeconds(30)));
        Thread.Sleep(300);
        group.Kill(1);
        Assert.StartsWith("fail CommunicatorFaultException[PeerDied", group.Read(0, TimeSpan.FromSeconds(4)), StringComparison.Ordinal);
    }
}
