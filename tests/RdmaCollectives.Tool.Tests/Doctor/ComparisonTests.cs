using RdmaCollectives.Tool.Doctor;
using RdmaCollectives.Tool.Doctor.Comparisons;
using RdmaCollectives.Tool.Doctor.Facts;

namespace RdmaCollectives.Tool.Tests.Doctor;

/// <summary>What is found where hosts differ, and that nothing is where they do not.</summary>
public class ComparisonTests
{
    [Fact]
    public void Compare_HostsAlike_EachComparisonSaysSoOnce()
    {
        ComparedRank[] ranks = [Host(0, "a"), Host(1, "b"), Host(2, "c")];
        Finding[] findings = [.. ComparisonList.Judge(ComparisonList.All, ranks, areHosts: true)];
        Assert.All(findings, finding => Assert.Equal((finding.Check, Severity.Ok), (finding.Check, finding.Severity)));
        Assert.Equal(ComparisonList.All.Select(comparison => comparison.Name), findings.Select(finding => finding.Check), StringComparer.Ordinal);
        Assert.Empty(ComparisonList.Judge(ComparisonList.All, ranks, areHosts: false));
        Assert.Empty(ComparisonList.Judge(ComparisonList.All, ranks[..1], areHosts: true));
    }

    [Theory]
    [InlineData(-90, 1, nameof(Severity.Warning), "hosts a and b: as rank 0's; host c: 90.0 s behind")]
    [InlineData(90, 1, nameof(Severity.Warning), "hosts a and b: as rank 0's; host c: 90.0 s ahead")]
    [InlineData(1.6, 0.5, nameof(Severity.Warning), "host c: 1.60 s ahead")]
    [InlineData(1.4, 0.5, nameof(Severity.Ok), "within 500 ms")] // may be 0.9 s
    [InlineData(0.001, 0.0001, nameof(Severity.Ok), "within 100 µs")]
    public void Clocks_OfThreeHosts_AreJudgedByMoreThanTheirUncertainty(double ahead, double uncertainty, string severity, string evidence)
    {
        Finding finding = Of("clock-skew", Host(0, "a"), Host(1, "b", facts => facts with { Clock = Clock(0.0001, 0.0001) }), Host(2, "c", facts => facts with { Clock = Clock(ahead, uncertainty) }));
        Assert.Equal(Enum.Parse<Severity>(severity), finding.Severity);
        Assert.Contains(evidence, finding.Evidence, StringComparison.Ordinal);
        Assert.Equal(severity == nameof(Severity.Ok) ? [] : [2], finding.Ranks);
    }

    /// <summary>Neither is a second away from rank 0; they are from each other.</summary>
    [Fact]
    public void Clocks_OnBothSidesOfRankZero_AreComparedWithEachOther()
    {
        Finding finding = Of("clock-skew", Host(0, "a"), Host(1, "b", facts => facts with { Clock = Clock(-0.7, 0) }), Host(2, "c", facts => facts with { Clock = Clock(0.7, 0) }));
        Assert.Equal((Severity.Warning, true), (finding.Severity, finding.Text.StartsWith("The clocks of hosts differ by 1.40 s", StringComparison.Ordinal)));
    }

    [Fact]
    public void LibraryVersions_ThatDiffer_AreGrouped()
    {
        Finding finding = Of("library-version", Host(0, "a"), Host(1, "b", facts => facts with { Library = "0.2.0" }), Host(2, "c"));
        Assert.Equal((Severity.Warning, "hosts a and c: 0.1.0; host b: 0.2.0"), (finding.Severity, finding.Evidence));
        Assert.Equal([1], finding.Ranks);
    }

    [Theory]
    [InlineData(true, nameof(Severity.Warning))]
    [InlineData(false, nameof(Severity.Note))] // nothing is registered
    public void LockedMemory_ThatDiffers_NamesTheLeast(bool withRdma, string severity)
    {
        ComparedRank Limited(int rank, string host, long? bytes, bool binds) => Host(rank, host, facts => facts with { LockedMemory = new LockedMemoryFacts(bytes, binds), Ports = withRdma ? facts.Ports : [] });
        Finding finding = Of("locked-memory", Limited(0, "a", null, false), Limited(1, "b", 65_536, true), Limited(2, "c", 65_536, false));
        Assert.Equal((Enum.Parse<Severity>(severity), 1), (finding.Severity, Assert.Single(finding.Ranks)));
        Assert.StartsWith("Limits on locked memory differ: host b may lock 64 KiB, others more.", finding.Text, StringComparison.Ordinal);
        Assert.StartsWith("hosts a and c: unlimited; host b: 64 KiB (/proc/self/limits", finding.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Interfaces_OfOneNetwork_AreComparedWhateverTheirNames()
    {
        Finding finding = Of("interfaces", Host(0, "a"), Host(1, "b", With("enp3s0", "10.0.0.0/24", 1500)));
        Assert.Equal((Severity.Warning, "host a: 9000; host b: 1500 (/sys/class/net/eth0, enp3s0/mtu)"), (finding.Severity, finding.Evidence));
        Assert.Equal(Severity.Ok, Of("interfaces", Host(0, "a"), Host(1, "b", With("eth0", "10.1.0.0/24", 1500))).Severity);
        Assert.Equal(Severity.Warning, Of("interfaces", Host(0, "a", With("eth0", null, 9000)), Host(1, "b", With("eth0", null, 1500))).Severity);
        Assert.Equal(Severity.Ok, Of("interfaces", Host(0, "a", With("eth0", null, 9000)), Host(1, "b", With("eth1", null, 1500))).Severity);
    }

    [Fact]
    public void RdmaPorts_OnSomeHostsAlone_NamesTheOthers()
    {
        ComparedRank down = Host(2, "c", facts => facts with { Ports = [facts.Ports[0] with { Rail = null, IsActive = false, State = "1: DOWN" }] });
        Finding finding = Of("rdma-ports", Host(0, "a"), Host(1, "b", facts => facts with { Ports = [] }), down);
        Assert.Equal((Severity.Warning, "host a: mlx5_0 port 1; host b: none; host c: none that is active and named (mlx5_0 port 1 1: DOWN)"), (finding.Severity, finding.Evidence));
        Assert.Equal([1, 2], finding.Ranks);
        Assert.Contains("hosts b and c, where others have one", finding.Text, StringComparison.Ordinal);
        Assert.Equal(Severity.Ok, Of("rdma-ports", Host(0, "a", facts => facts with { Ports = [] }), Host(1, "b", facts => facts with { Ports = [] })).Severity);
    }

    [Fact]
    public void RdmaLinks_OfTwoLayersOrRates_AreFoundByRail()
    {
        Finding layers = Of("rdma-link", Host(0, "a"), Host(1, "b", Port(port => port with { LinkLayer = "InfiniBand", RateGbps = 200 })));
        Assert.Equal((Severity.Problem, "host a: Ethernet; host b: InfiniBand"), (layers.Severity, layers.Evidence));
        Finding rates = Of("rdma-link", Host(0, "a"), Host(1, "b", Port(port => port with { RateGbps = 25 })), Host(2, "c"));
        Assert.Equal((Severity.Warning, true), (rates.Severity, rates.Evidence.StartsWith("hosts a and c: 100 Gb/s; host b: 25 Gb/s", StringComparison.Ordinal)));
        Assert.Equal([1], rates.Ranks);

        // A slower second rail where the other has none meets nobody.
        ComparedRank second = Host(1, "b", facts => facts with { Ports = [.. facts.Ports, facts.Ports[0] with { Device = "mlx5_1", Rail = 1, RateGbps = 25 }] });
        Assert.Equal(Severity.Ok, Of("rdma-link", Host(0, "a"), second).Severity);
    }

    [Theory]
    [InlineData("RoCE v1 IPv4", "RoCE v1", "have no GID type in common")]
    [InlineData("RoCE v1 IPv4", "RoCE v1,RoCE v2", "All have RoCE v2.")]
    [InlineData("RoCE v2 IPv6", "RoCE v2", "All have RoCE v2.")]
    public void Gids_ThatCannotBeConnected_AreAProblem(string gid, string types, string text)
    {
        Finding finding = Of("gids", Host(0, "a"), Host(1, "b", Port(port => port with { Gid = gid, GidTypes = types.Split(',') })));
        Assert.Equal((Severity.Problem, 1), (finding.Severity, Assert.Single(finding.Ranks)));
        Assert.Contains(text, finding.Text, StringComparison.Ordinal);
        Assert.Equal($"host a: uses RoCE v2 IPv4 of RoCE v2; host b: uses {gid} of {types.Replace(",", ", ", StringComparison.Ordinal)}", finding.Evidence);
    }

    [Fact]
    public void RdmaMtu_ThatDiffers_NamesTheSmallerAndTheRanksOfAHost()
    {
        Finding finding = Of("rdma-mtu", Host(0, "a"), Host(1, "b"), Host(2, "c", Port(port => port with { ActiveMtu = 1024 })));
        Assert.Equal((Severity.Warning, "hosts a and b: 4096; host c: 1024 (ibv_query_port active_mtu)"), (finding.Severity, finding.Evidence));
        Assert.StartsWith("The MTU of RDMA differs: 1024 on host c, up to 4096 on others.", finding.Text, StringComparison.Ordinal);
        Assert.Equal([2], finding.Ranks);
        Finding one = Of("rdma-mtu", Host(0, "a"), Host(1, "b"), Host(2, "b", Port(port => port with { ActiveMtu = 1024 })));
        Assert.StartsWith("hosts a and b (rank 1): 4096; host b (rank 2): 1024", one.Evidence, StringComparison.Ordinal);
        Assert.Equal(Severity.Ok, Of("rdma-mtu", Host(0, "a"), Host(1, "b", Port(port => port with { ActiveMtu = null }))).Severity);
    }

    [Fact]
    public void Hosts_ManyOfOneValue_AreNotAllNamed()
    {
        ComparedRank[] ranks = [.. Enumerable.Range(0, 12).Select(rank => Host(rank, $"n{rank}")), Host(12, "odd", facts => facts with { Library = "9" })];
        Assert.Equal("hosts n0, n1, n2, n3, n4, n5, n6, n7 and 4 more: 0.1.0; host odd: 9", Of("library-version", ranks).Evidence);
    }

    private static Finding Of(string name, params ComparedRank[] ranks) => Assert.Single(ComparisonList.All.Single(comparison => comparison.Name == name).Compare(ranks));

    private static ComparedRank Host(int rank, string host, Func<HostFacts, HostFacts>? change = null)
    {
        var facts = new HostFacts
        {
            Library = "0.1.0",
            Clock = Clock(0, 0),
            LockedMemory = new LockedMemoryFacts(null, false),
            Ports = [new PortFacts { Device = "mlx5_0", Port = 1, State = "4: ACTIVE", IsActive = true, Rail = 0, ActiveMtu = 4096, LinkLayer = "Ethernet", RateGbps = 100, GidTypes = ["RoCE v2"], Gid = "RoCE v2 IPv4" }],
            Interfaces = [new InterfaceFacts { Name = "eth0", Mtu = 9000, Network = "10.0.0.0/24" }],
        };
        return new ComparedRank(rank, host, host, change is null ? facts : change(facts));
    }

    private static ClockFacts Clock(double ahead, double uncertainty) => new() { Utc = DateTime.UnixEpoch, AheadSeconds = ahead, UncertaintySeconds = uncertainty };

    private static Func<HostFacts, HostFacts> Port(Func<PortFacts, PortFacts> change) => facts => facts with { Ports = [change(facts.Ports[0])] };

    private static Func<HostFacts, HostFacts> With(string name, string? network, long mtu) => facts => facts with { Interfaces = [new InterfaceFacts { Name = name, Network = network, Mtu = mtu }] };
}
