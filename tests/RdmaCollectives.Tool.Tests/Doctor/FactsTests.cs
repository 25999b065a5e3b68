using RdmaCollectives.Tool.Doctor;
using RdmaCollectives.Tool.Doctor.Facts;

namespace RdmaCollectives.Tool.Tests.Doctor;

/// <summary>What a host tells of itself, read from recorded files, and from this machine.</summary>
public class FactsTests
{
    [Fact]
    public void Facts_OfAnAdapter_AreThoseOfItsFiles()
    {
        using RecordedHost host = new RecordedHost { Mtu = (4096, 4096), RdmaCoreVersion = "44.0", Network = "10.0.0.0/24" }.Adapter().Limit("Max locked memory", "65536");
        var facts = HostFacts.Of(host.View);
        PortFacts port = Assert.Single(facts.Ports);
        Assert.Equal(("mlx5_0 port 1", "4: ACTIVE", true, 0, 4096), (port.Name, port.State, port.IsActive, port.Rail, port.ActiveMtu));
        Assert.Equal(("Ethernet", 100.0, "ens1f0np0", "RoCE v2 IPv4"), (port.LinkLayer, port.RateGbps, port.Interface, port.Gid));
        Assert.Equal(["RoCE v2"], port.GidTypes, StringComparer.Ordinal);
        Assert.Equal(new InterfaceFacts { Name = "ens1f0np0", Mtu = 9000, SpeedGbps = 10, Network = "10.0.0.0/24" }, Assert.Single(facts.Interfaces));
        Assert.Equal(new LockedMemoryFacts(65_536, Binds: true), facts.LockedMemory);
        Assert.Equal((ToolVersion.Text, "44.0"), (facts.Library, facts.RdmaCore));
        Assert.Null(facts.Clock.AheadSeconds);
    }

    [Fact]
    public void Rails_AreInTheOrderOfTheOption()
    {
        using RecordedHost host = new RecordedHost().Adapter().Adapter("mlx5_1", "ens2").Adapter("mlx5_2", "ens3", state: "1: DOWN");
        Assert.Equal(["mlx5_0 port 1"], Rails(host), StringComparer.Ordinal);
        host.Set("RDMACC_DEVICE", "mlx5_1, mlx5_2,mlx5_0:1");
        Assert.Equal(["mlx5_1 port 1", "mlx5_0 port 1"], Rails(host), StringComparer.Ordinal);
        host.Set("RDMACC_DEVICE", "mlx5_7");
        Assert.Empty(Rails(host));
    }

    [Fact]
    public void Gid_AtAnIndex_IsTheOneThatTheLibraryTakes()
    {
        const string gids = "/sys/class/infiniband/mlx5_0/ports/1";
        using RecordedHost host = new RecordedHost().Adapter().File($"{gids}/gids/1", "fe80:0000:0000:0000:0000:0000:0000:0001").File($"{gids}/gid_attrs/types/1", "IB/RoCE v1");
        PortFacts chosen = Assert.Single(HostFacts.Of(host.View).Ports);
        Assert.Equal("RoCE v2 IPv4", chosen.Gid);
        Assert.Equal(["RoCE v1", "RoCE v2"], chosen.GidTypes, StringComparer.Ordinal);
        host.Set("RDMACC_GID_INDEX", "1");
        Assert.Equal("RoCE v1 IPv6", Assert.Single(HostFacts.Of(host.View).Ports).Gid);
        host.Set("RDMACC_GID_INDEX", "9");
        Assert.Null(Assert.Single(HostFacts.Of(host.View).Ports).Gid);
    }

    [Fact]
    public void LockedMemory_WithTheCapability_BindsNothing()
    {
        using RecordedHost host = new RecordedHost().Limit("Max locked memory", "65536").File("/proc/self/status", "CapEff:\t0000000000004000");
        Assert.Equal(new LockedMemoryFacts(65_536, Binds: false), HostFacts.Of(host.View).LockedMemory);
    }

    /// <summary>dpkg, where there is one, knows the version of the package.</summary>
    [Fact]
    public void RdmaCore_OfThisMachine_IsThatOfThePackage()
    {
        var probe = new MachineProbe();
        string? package = probe.Run("dpkg-query", "--show", "--showformat=${Version}", "libibverbs1");
        Assert.SkipWhen(string.IsNullOrEmpty(package), "There is no dpkg, or no libibverbs1.");
        Assert.Equal(package!.Split('-', '+', '~')[0], probe.RdmaCoreVersion);
    }

    [Fact]
    public void Network_OfThisMachine_HoldsTheAddress()
    {
        var probe = new MachineProbe();
        Assert.Equal("127.0.0.0/8", probe.NetworkOf("lo"));
        Assert.Null(probe.NetworkOf("none-of-this-name"));
    }

    private static string[] Rails(RecordedHost host) => [.. HostFacts.Of(host.View).Rails.Select(port => port.Name)];
}
