using System.Net;
using RdmaCollectives.Transports.Tcp;

namespace RdmaCollectives.Tests.Tcp;

public sealed class AddressSelectorTests
{
    private static readonly LocalAddress[] Table =
    [
        Address("docker0", "172.17.0.1", speed: 100_000),
        Address("lo", "127.0.0.1", isLoopback: true),
        Address("lo", "::1", isLoopback: true),
        Address("eth0", "10.1.2.3", speed: 1_000),
        Address("eth0", "fe80::1", speed: 1_000),
        Address("eth0", "fd00::2", speed: 1_000),
        Address("ib0", "192.168.7.1", speed: 200_000),
        Address("eth2", "10.9.9.9", isUp: false),
        Address("eth3", "169.254.3.4", speed: 400_000),
        Address("eth4", "fe80::4"),
    ];

    [Theory]
    [InlineData(null, "127.0.0.1 ::1 192.168.7.1 10.1.2.3 fd00::2 169.254.3.4 172.17.0.1")]
    [InlineData(" ", "127.0.0.1 ::1 192.168.7.1 10.1.2.3 fd00::2 169.254.3.4 172.17.0.1")]
    [InlineData("eth0", "10.1.2.3 fd00::2")]
    [InlineData("docker0", "172.17.0.1")]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("10.0.0.0/8", "10.1.2.3")]
    [InlineData("10.7.7.7/8", "10.1.2.3")]
    [InlineData("fd00::/16", "fd00::2")]
    [InlineData("0.0.0.0/0", "172.17.0.1 127.0.0.1 10.1.2.3 192.168.7.1 169.254.3.4")]
    [InlineData("ib0, eth0", "192.168.7.1 10.1.2.3 fd00::2")]
    [InlineData("eth0,10.0.0.0/8", "10.1.2.3 fd00::2")]
    public void Select_FromASyntheticTable_GivesTheseInThisOrder(string? filter, string expected) =>
        Assert.Equal(expected, string.Join(' ', AddressSelector.Select(Table, filter, 0).Select(candidate => candidate.Address)));

    [Theory]
    [InlineData("eth9", "'eth9'", "names no interface")]
    [InlineData("eth0,nope", "'nope'", "names no interface")]
    [InlineData("11.0.0.0/8", "'11.0.0.0/8'", "names no interface")]
    [InlineData("10.0.0.0/99", "'10.0.0.0/99'", "names no interface")]
    [InlineData("eth2", "'eth2'", "is down")]
    [InlineData("eth4", "'eth4'", "link-local")]
    public void Select_FilterThatLeavesNothing_NamesItAndListsWhatThereIs(string filter, string name, string why)
    {
        CollectiveException e = Assert.Throws<CollectiveException>(() => AddressSelector.Select(Table, filter, 3));
        Assert.Equal((Error.Resource, 3), (e.Error, e.Rank));
        Assert.Contains(name, e.Message);
        Assert.Contains(why, e.Message);
        Assert.Contains("eth0 (10.1.2.3, fe80::1, fd00::2)", e.Message);
        Assert.Contains("eth2 (10.9.9.9; down)", e.Message);
    }

    [Fact]
    public void Select_NoAddressAtAll_SaysSo() =>
        Assert.Contains("There are: none", Assert.Throws<CollectiveException>(() => AddressSelector.Select([], null, 0)).Message);

    [Fact]
    public void Select_LoopbackByFilter_IsOfferedToOtherHostsToo()
    {
        Assert.All(AddressSelector.Select(Table, null, 0), candidate => Assert.Equal(candidate.Interface == "lo", candidate.OnlyThisHost));
        Assert.All(AddressSelector.Select(Table, "lo", 0), candidate => Assert.False(candidate.OnlyThisHost));
    }

    [Fact]
    public void Description_RoundTrip_IsEqualAndDamageIsRefused()
    {
        TcpDescription description = new("host-1 net:[4026531840]", [.. AddressSelector.Select(Table, null, 0).Select((candidate, index) => candidate with { Port = 65_535 - index })]);
        byte[] bytes = description.ToBytes();
        TcpDescription parsed = TcpDescription.Parse(bytes);
        Assert.Equal(description.HostIdentity, parsed.HostIdentity);
        Assert.Equal(description.Candidates, parsed.Candidates);
        Assert.Equal(2, description.Candidates.Count - parsed.ReachableFrom("host-2").Count);
        Assert.Equal(description.Candidates.Count, parsed.ReachableFrom(description.HostIdentity).Count);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => TcpDescription.Parse(bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void ReadAll_ThisHost_HasLoopback() => Assert.Contains(LocalAddress.ReadAll(), address => address.IsLoopback && address.IsUp);

    private static LocalAddress Address(string name, string address, bool isUp = true, bool isLoopback = false, long speed = 0) => new(name, IPAddress.Parse(address), isUp, isLoopback, speed);
}
