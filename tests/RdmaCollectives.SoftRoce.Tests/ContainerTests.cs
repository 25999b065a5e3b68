using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>Two OCI containers, each given the device of one host and no other: a rank in each.</summary>
public sealed class ContainerTests(ITestOutputHelper output)
{
    [Fact]
    public void AllReduce_BetweenContainers_GoesOverTheDeviceThatEachWasGiven()
    {
        string tools = Environment.GetEnvironmentVariable("RDMACC_SOFTROCE_DIR") ?? throw new InvalidOperationException("RDMACC_SOFTROCE_DIR is not set: these tests are started by tests/softroce/run.");
        using var containers = new Containers(tools);
        // No RDMACC_DEVICE: each finds the one device that it can open.
        containers.AssertVerbsOnly(output, rank => rank + 1);
        long[] before = [SoftRoceHosts.SentPackets(1), SoftRoceHosts.SentPackets(2)];
        containers.Check(new CollectiveCase(CaseKind.AllReduce, DataType.Float32, 1 << 18) { InPlace = true, Allocated = true }.ToString(), output);
        for (int host = 1; host <= 2; host++)
        {
            Assert.InRange(SoftRoceHosts.SentPackets(host) - before[host - 1], (1 << 20) / 4096, long.MaxValue);
        }
    }

    private sealed class Containers(string tools) : RankGroup(() => WorkerGroup.Start(
        "verbs",
        2,
        rank => [("RDMACC_HOST_ID", $"container{rank}")],
        rank => [Path.Combine(tools, "guest/container.sh"), "--device", SoftRoceHosts.Device(rank + 1), "--"]));
}
