using RdmaCollectives.Tool.Doctor;

namespace RdmaCollectives.Tool.Tests.Doctor;

/// <summary>The checks of devices, ports and addresses, over adapters on paper.</summary>
public class RdmaCheckTests
{
    [Fact]
    public void Devices_None_IsAProblemOnlyWhereOneIsAskedFor()
    {
        using var host = new RecordedHost();
        Assert.Equal(Severity.Note, host.Worst("rdma-devices").Severity);
        Assert.Equal(Severity.Problem, host.Set("RDMACC_TRANSPORTS", "verbs").Worst("rdma-devices").Severity);
        Expect(host.Set("RDMACC_DEVICE", "mlx5_0"), "rdma-devices", Severity.Problem, "the options ask for one", "/sys/class/infiniband", "rdma link add");
    }

    [Theory]
    [InlineData("mlx5_7:1")]
    [InlineData("mlx5_0, mlx5_7:1")]
    public void Devices_NamedAndMissing_IsAProblem(string named)
    {
        using var host = new RecordedHost();
        Expect(host.Adapter().Set("RDMACC_DEVICE", named), "rdma-devices", Severity.Problem, "RDMACC_DEVICE names mlx5_7", "mlx5_0", "RDMACC_DEVICE=mlx5_0");
    }

    [Fact]
    public void Devices_WithoutNode_IsAProblemUntilOneHasOne()
    {
        using var host = new RecordedHost();
        host.Adapter().File("/sys/class/infiniband_verbs/uverbs0/ibdev", "mlx5_1");
        Expect(host, "rdma-devices", Severity.Problem, "no node to open it by", "missing", "--device /dev/infiniband/uverbsN");
        host.Adapter("mlx5_1", "ens2");
        Expect(host, "rdma-devices", Severity.Note, "mlx5_0 is in this kernel", "missing", "--device");
    }

    [Fact]
    public void Devices_WithoutTheLibrary_IsAProblem()
    {
        using var host = new RecordedHost { VerbsProblem = "libibverbs.so.1 is not installed." };
        Expect(host.Adapter(), "rdma-devices", Severity.Problem, "libibverbs.so.1 is not installed", "mlx5_0", "apt install libibverbs1");
    }

    [Theory]
    [InlineData("1: DOWN", "3: Disabled", "Ethernet", "ip link set dev ens1f0np0 up")]
    [InlineData("1: DOWN", "2: Polling", "InfiniBand", "cable")]
    [InlineData("1: DOWN", "3: Disabled", "InfiniBand", "ibportstate")]
    [InlineData("2: INIT", "5: LinkUp", "InfiniBand", "opensm")]
    public void Ports_NoneActive_IsAProblemWithTheCause(string state, string physical, string link, string remedy)
    {
        using var host = new RecordedHost();
        Expect(host.Adapter(state: state, physical: physical, link: link), "rdma-ports", Severity.Problem, "No other is, so verbs can't be used", $"{state}; phys_state: {physical}", remedy);
    }

    [Fact]
    public void Ports_AnotherIsActive_IsANoteUnlessItIsNamed()
    {
        using var host = new RecordedHost();
        host.Adapter().Adapter("mlx5_1", "ens2", "1: DOWN", "2: Polling");
        Expect(host, "rdma-ports", Severity.Note, "mlx5_1 port 1 is not active (1: DOWN)", "DOWN", "ens2");
        Expect(host.Set("RDMACC_DEVICE", "mlx5_1"), "rdma-ports", Severity.Problem, "RDMACC_DEVICE names it", "DOWN", "ens2");
        Expect(host.Set("RDMACC_DEVICE", "mlx5_0,mlx5_1:1"), "rdma-ports", Severity.Problem, "RDMACC_DEVICE names it", "DOWN", "ens2");
    }

    [Fact]
    public void Rails_OfTwoPorts_AreTheFirstActiveOrTheOneThatIsNamed()
    {
        using var host = new RecordedHost();
        host.Adapter().Adapter("mlx5_1", "ens2");
        Assert.Equal("mlx5_0", RdmaPortFiles.Rails(host.View).Single().Device);
        Assert.Equal("mlx5_1", RdmaPortFiles.Rails(host.Set("RDMACC_DEVICE", "mlx5_1:1").View).Single().Device);
        Assert.Empty(RdmaPortFiles.Rails(host.Set("RDMACC_DEVICE", "mlx5_1:2").View));
        Assert.Equal("mlx5_1", RdmaPortFiles.Rails(host.Set("RDMACC_DEVICE", "mlx5_1").View).Single().Device);
        Assert.Empty(RdmaPortFiles.Rails(host.Adapter("mlx5_1", "ens2", "1: DOWN").View));
    }

    [Theory]
    [InlineData("0000:0000:0000:0000:0000:0000:0000:0000", "RoCE v2", nameof(Severity.Problem), "has no address")]
    [InlineData("fe80:0000:0000:0000:5054:00ff:fe12:3456", "RoCE v2", nameof(Severity.Warning), "link-local address only")]
    [InlineData("0000:0000:0000:0000:0000:ffff:0a00:0001", "IB/RoCE v1", nameof(Severity.Warning), "RoCE v1 addresses only")]
    public void Gids_NotRoutable_IsSaid(string gid, string type, string severity, string text)
    {
        using var host = new RecordedHost();
        Expect(host.Adapter(gid: gid, gidType: type), "gids", Enum.Parse<Severity>(severity), text, "/ports/1/gids", "ip address add ADDRESS/24 dev ens1f0np0");
    }

    [Fact]
    public void Gids_IndexOfTheUser_MustBeThere()
    {
        using var host = new RecordedHost();
        Assert.Equal(Severity.Ok, host.Adapter().Set("RDMACC_GID_INDEX", "3").Worst("gids").Severity);
        Expect(host.Set("RDMACC_GID_INDEX", "1"), "gids", Severity.Problem, "RDMACC_GID_INDEX is 1", "/ports/1/gids: 3 ", "rdmacc devices");
    }

    [Theory]
    [InlineData(512, 1000, nameof(Severity.Warning), "most of its work is headers")]
    [InlineData(1024, 1500, nameof(Severity.Note), "sends 1024 bytes in a packet, and could send 4096")]
    public void Mtu_BelowTheLargest_IsSaid(int active, int network, string severity, string text)
    {
        using var host = new RecordedHost { Mtu = (active, 4096) };
        Expect(host.Adapter().Interface("ens1f0np0", network), "rdma-mtu", Enum.Parse<Severity>(severity), text, $"mtu: {network}", "ip link set dev ens1f0np0 mtu 4200");
        host.Mtu = null; // the library is missing: what fits the interface is told
        Expect(host, "rdma-mtu", Enum.Parse<Severity>(severity), text, $"mtu: {network}", "mtu 4200");
    }

    [Theory]
    [InlineData("prio-pfc 0:off 1:off 2:off 3:off 4:off 5:off 6:off 7:off", "RX:\t\toff\nTX:\t\toff", nameof(Severity.Warning), "Neither PFC nor pause frames are on")]
    [InlineData("prio-pfc 0:off 1:off 2:off 3:on 4:off 5:off 6:off 7:off", "RX:\t\toff\nTX:\t\toff", nameof(Severity.Note), "PFC is on for priority 3")]
    [InlineData("prio-pfc 0:off 1:off 2:off 3:off 4:off 5:off 6:off 7:off", "RX:\t\ton\nTX:\t\ton", nameof(Severity.Ok), "pause frames")]
    public void FlowControl_OfTheInterface_IsJudged(string pfc, string pause, string severity, string text)
    {
        using var host = new RecordedHost();
        host.Adapter().Output("dcb pfc show dev ens1f0np0", $"pfc-cap 8 macsec-bypass off delay 0\n{pfc}\n").Output("ethtool -a ens1f0np0", $"Pause parameters for ens1f0np0:\nAutonegotiate:\toff\n{pause}\n");
        host.File("/sys/class/net/ens1f0np0/ecn/roce_np/enable/0", "1").File("/sys/class/net/ens1f0np0/ecn/roce_np/enable/1", "0");
        Finding worst = host.Worst("flow-control");
        Assert.True(worst.Severity == Enum.Parse<Severity>(severity), worst.ToString());
        Assert.Contains(text, worst.Text, StringComparison.Ordinal);
        Assert.Contains("roce_np 0", worst.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void FlowControl_OfASoftwareDevice_IsNotAsked()
    {
        using var host = new RecordedHost();
        host.Adapter("rxe0", "eth0").File("/sys/class/infiniband/rxe0/parent", "eth0");
        Assert.Equal(Severity.Ok, host.Worst("flow-control").Severity);
        Assert.Equal(Severity.Note, host.Adapter("mlx5_0", "ens1").Worst("flow-control").Severity); // an adapter, and nobody tells
    }

    private static void Expect(RecordedHost host, string check, Severity severity, string text, string evidence, string remedy)
    {
        Finding worst = host.Worst(check);
        Assert.True(worst.Severity == severity, worst.ToString());
        Assert.Contains(text, worst.Text, StringComparison.Ordinal);
        Assert.Contains(evidence, worst.Evidence, StringComparison.Ordinal);
        Assert.Contains(remedy, worst.Remedy, StringComparison.Ordinal);
    }
}
