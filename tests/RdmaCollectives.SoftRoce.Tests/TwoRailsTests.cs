using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>
/// Several devices per rank: the channels of a connection go over them in turns, as far as both ends have them. Ranks 0 and 1 have two rails, rank 2 one. Rank 1 sleeps in each wait, so that the completions
/// of either rail must wake it.
/// </summary>
public sealed class TwoRailsTests(TwoRailsTests.Hosts hosts, ITestOutputHelper output) : IClassFixture<TwoRailsTests.Hosts>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    public static TheoryData<string> Rows => [.. MatrixCases.SomeAllReduces.Take(3).Concat(MatrixCases.SomeCollectives.Take(3)).Select(row => row.ToString())];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Call_OverTwoRailsAndOne_IsExact(string row) => hosts.Check(row, output);

    [Fact]
    public void Transports_OfTwoRails_NameBoth()
    {
        Assert.Contains("rxe1r0 port 1", hosts.Ranks.Transports[0], StringComparison.Ordinal);
        Assert.Contains("; rxe1r1 port 1", hosts.Ranks.Transports[0], StringComparison.Ordinal);
        Assert.DoesNotContain("rxe3r1", hosts.Ranks.Transports[2], StringComparison.Ordinal);
    }

    /// <summary>A ring of three: rank 0 sends four thirds of the buffer to rank 1, with which it has two rails, and rank 2 as much to rank 0 over the one that it has.</summary>
    [Fact]
    public void AllReduce_OfALargeBuffer_IsHalvedBetweenTheRails()
    {
        var row = new CollectiveCase(CaseKind.AllReduce, DataType.Float32, 1 << 20).ToString();
        const int Packets = 4 * (1 << 20) * 4 / 3 / 4096;
        _ = hosts.Ranks;
        long[] before = Sent();
        Assert.All(hosts.Ranks.Tell($"case {row}", Deadline), answer => Assert.Equal($"ok {row}", answer));
        long[] sent = [.. Sent().Zip(before, (after, earlier) => after - earlier)];
        output.WriteLine($"packets of hosts 1 and 3 on either rail: {string.Join(", ", sent)}; {Packets} carry the data of each");
        Assert.All(sent[..2], packets => Assert.InRange(packets, Packets / 2, Packets));
        Assert.True(sent[2] >= Packets && sent[3] == 0, "host 3 was given one device");
    }

    private static long[] Sent() => [SoftRoceHosts.SentPackets(1), SoftRoceHosts.SentPackets(1, rail: 1), SoftRoceHosts.SentPackets(3), SoftRoceHosts.SentPackets(3, rail: 1)];

    public sealed class Hosts() : RankGroup(() => WorkerGroup.Start("verbs", 3, rank =>
    [
        ("RDMACC_HOST_ID", $"host{rank + 1}"),
        ("RDMACC_DEVICE", rank < 2 ? $"{SoftRoceHosts.Device(rank + 1)},{SoftRoceHosts.Device(rank + 1, rail: 1)}" : SoftRoceHosts.Device(3)),
        ("RDMACC_WAIT", rank == 1 ? "event" : "adaptive"),
        ("RDMACC_ADAPTIVE_ROUTING", rank == 0 ? "1" : "0"), // how a rank sends is its own affair
        ("RDMACC_SPIN", "0"), // three hosts share two processors
    ]));
}
