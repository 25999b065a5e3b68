using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>Four hosts with one rank each: every call by every algorithm.</summary>
public sealed class FourHostsTests(FourHostsTests.Hosts hosts, ITestOutputHelper output) : IClassFixture<FourHostsTests.Hosts>
{
    public static TheoryData<string> Rows => [.. MatrixCases.SomeAllReduces.Concat(MatrixCases.SomeCollectives).Select(row => row.ToString())];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Call_OfFourHosts_IsExact(string row) => hosts.Check(row, output);

    [Fact]
    public void AllReduce_BitExactOfFourHosts_IsTheFixedTree() => hosts.CheckExactSum(output);

    [Fact]
    public void Transports_OfFourHosts_AreVerbsAndNothingElse() => hosts.AssertVerbsOnly(output, rank => rank + 1);

    public sealed class Hosts() : RankGroup(() => WorkerGroup.Start("verbs", 4, SoftRoceHosts.HostPerRank));
}

/// <summary>Three hosts, so that counts do not divide: some of the matrix.</summary>
[Collection(nameof(ThreeHosts))]
public sealed class ThreeHostsTests(ThreeHosts hosts, ITestOutputHelper output)
{
    public static TheoryData<string> Rows => [.. MatrixCases.SomeAllReduces.Select(row => row.ToString())];

    [Theory]
    [MemberData(nameof(Rows))]
    public void AllReduce_OfThreeHosts_IsExact(string row) => hosts.Check(row, output);

    [Fact]
    public void Transports_OfThreeHosts_AreVerbsAndNothingElse() => hosts.AssertVerbsOnly(output, rank => rank + 1);
}
