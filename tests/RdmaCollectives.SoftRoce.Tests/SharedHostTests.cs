using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>Two processes on one device: the packets turn round inside it.</summary>
public sealed class OneDeviceTests(OneDeviceTests.Hosts hosts, ITestOutputHelper output) : IClassFixture<OneDeviceTests.Hosts>
{
    /// <summary>What the turn inside the device may change is the packets' way, not the call: a few sizes.</summary>
    public static TheoryData<string> Rows => [.. MatrixCases.SomeAllReduces.DistinctBy(row => row.Count).Select(row => row.ToString())];

    [Theory]
    [MemberData(nameof(Rows))]
    public void AllReduce_OnOneDevice_IsExact(string row) => hosts.Check(row, output);

    [Fact]
    public void Transports_OnOneDevice_AreVerbsAndNothingElse() => hosts.AssertVerbsOnly(output, _ => 1);

    public sealed class Hosts() : RankGroup(() => WorkerGroup.Start("verbs", 2, rank => SoftRoceHosts.On($"process{rank}", device: 1)));
}

/// <summary>Two hosts with two ranks each: shared memory inside, verbs between.</summary>
public sealed class TwoRanksPerHostTests(TwoRanksPerHostTests.Hosts hosts, ITestOutputHelper output) : IClassFixture<TwoRanksPerHostTests.Hosts>
{
    public static TheoryData<string> Rows => [.. MatrixCases.SomeAllReduces.Concat(MatrixCases.SomeCollectives).Select(row => row.ToString())];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Call_OfTwoRanksPerHost_IsExact(string row) => hosts.Check(row, output);

    [Fact]
    public void AllReduce_BitExactOfTwoRanksPerHost_IsTheFixedTree() => hosts.CheckExactSum(output);

    [Theory]
    [InlineData(0, "1", "2, 3", 1)]
    [InlineData(1, "0", "2, 3", 1)]
    [InlineData(2, "3", "0, 1", 2)]
    [InlineData(3, "2", "0, 1", 2)]
    public void Transports_OfTwoRanksPerHost_AreSharedMemoryInsideAndVerbsBetween(int rank, string inside, string between, int host)
    {
        string transports = hosts.Ranks.Transports[rank];
        Assert.StartsWith($"ready shm to rank {inside} (", transports, StringComparison.Ordinal);
        Assert.Contains($" | verbs to rank {between} ({SoftRoceHosts.Gid(host)}", transports, StringComparison.Ordinal);
    }

    public sealed class Hosts() : RankGroup(() => WorkerGroup.Start("shm,verbs", 4, rank => SoftRoceHosts.On((rank / 2) + 1)));
}
