using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>Two hosts with one rank each: a cover of all-reduces, the devices' counters, allocations.</summary>
public sealed class TwoHostsTests(TwoHostsTests.Hosts hosts, ITestOutputHelper output) : IClassFixture<TwoHostsTests.Hosts>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(200);

    public static TheoryData<string> Rows => [.. MatrixCases.SomeAllReduces.Select(row => row.ToString())];

    [Theory]
    [MemberData(nameof(Rows))]
    public void AllReduce_OfTwoHosts_IsExact(string row) => hosts.Check(row, output);

    [Fact]
    public void Transports_OfTwoHosts_AreVerbsAndNothingElse() => hosts.AssertVerbsOnly(output, rank => rank + 1);

    /// <summary>The device's own counters: a ring of two sends the whole buffer once from each rank, in packets of the path MTU (4096 at most) of payload.</summary>
    [Fact]
    public void AllReduce_Of4MiB_GoesOverTheDevices()
    {
        const int Elements = 1 << 20;
        _ = hosts.Ranks;
        long[] before = [SoftRoceHosts.SentPackets(1), SoftRoceHosts.SentPackets(2)];
        hosts.Check(new CollectiveCase(CaseKind.AllReduce, DataType.Float32, Elements).ToString(), output);
        for (int host = 1; host <= 2; host++)
        {
            long sent = SoftRoceHosts.SentPackets(host) - before[host - 1];
            output.WriteLine($"{SoftRoceHosts.Device(host)} sent {sent} packets for {Elements * 4} bytes");
            Assert.True(sent >= Elements * 4 / 4096, $"{SoftRoceHosts.Device(host)} sent {sent} packets, at least {Elements * 4 / 4096} are needed for the bytes.");
        }
    }

    /// <summary>Fewer calls of the large size: the emulated device moves it in milliseconds.</summary>
    [Theory]
    [InlineData(10, 10_000)]
    [InlineData(20_000, 500)]
    public void AllReduce_Repeated_AllocatesNothingInTheWholeProcess(int count, int calls) =>
        Assert.All(hosts.Ranks.Tell($"allocations {count} {calls}", Deadline), answer => Assert.Equal("ok 0", answer));

    public sealed class Hosts() : RankGroup(() => WorkerGroup.Start("verbs", 2, SoftRoceHosts.HostPerRank));
}
