using System.Net;

namespace RdmaCollectives.Verbs.Tests;

public class GidChooserTests
{
    private static GidEntry Entry(int index, string address, GidType type) =>
        new("test0", 1, index, Gid.FromAddress(IPAddress.Parse(address)), type, "eth0");

    private static readonly GidEntry LinkLocalV1 = Entry(0, "fe80::1", GidType.RoceV1);
    private static readonly GidEntry LinkLocalV2 = Entry(1, "fe80::1", GidType.RoceV2);
    private static readonly GidEntry IPv4V1 = Entry(2, "10.0.0.1", GidType.RoceV1);
    private static readonly GidEntry IPv4V2 = Entry(3, "10.0.0.1", GidType.RoceV2);
    private static readonly GidEntry IPv6V1 = Entry(4, "2001:db8::1", GidType.RoceV1);
    private static readonly GidEntry IPv6V2 = Entry(5, "2001:db8::1", GidType.RoceV2);
    private static readonly GidEntry Loopback = Entry(6, "127.0.0.1", GidType.RoceV2);
    private static readonly GidEntry Empty = new("test0", 1, 7, default, GidType.RoceV2, null);

    [Fact]
    public void Choose_WhatIsBestIsTakenAwayOneByOne_FollowsTheOrderOfPreference()
    {
        List<GidEntry> table = [LinkLocalV1, LinkLocalV2, IPv4V1, IPv4V2, IPv6V1, IPv6V2, Loopback, Empty];
        GidEntry[] expected = [IPv4V2, IPv6V2, IPv4V1, IPv6V1, LinkLocalV2, LinkLocalV1, Loopback];
        foreach (GidEntry best in expected)
        {
            Assert.Equal(best, GidChooser.Choose(table, LinkLayer.Ethernet).Entry);
            Assert.Equal(best, GidChooser.Choose([.. table.AsEnumerable().Reverse()], LinkLayer.Ethernet).Entry);
            table.Remove(best);
        }

        GidChoice none = GidChooser.Choose(table, LinkLayer.Ethernet);
        Assert.Null(none.Entry);
        Assert.Contains("ip addr add", none.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_OnEthernet_SaysWhyOfEveryEntry()
    {
        GidChoice choice = GidChooser.Choose([LinkLocalV2, IPv4V2, IPv4V2 with { Index = 9 }, Empty], LinkLayer.Ethernet);

        Assert.Equal("test0 port 1 GID index 3 10.0.0.1 (RoCE v2, eth0): RoCE v2 with an IPv4 address: routable, and reachable wherever the IP network is.", choice.Reason);
        Assert.Equal(4, choice.Verdicts.Count);
        Assert.Equal([false, true, false, false], choice.Verdicts.Select(v => v.IsChosen));
        Assert.StartsWith("ranks lower: RoCE v2 with a link-local address", choice.Verdicts[0].Reason, StringComparison.Ordinal);
        Assert.Equal("as good as the chosen one, with a higher index", choice.Verdicts[2].Reason);
        Assert.Equal("empty", choice.Verdicts[3].Reason);
    }

    [Fact]
    public void Choose_EqualEntries_TakesTheLowestIndex()
    {
        GidChoice choice = GidChooser.Choose([IPv4V2 with { Index = 9 }, IPv4V2 with { Index = 4 }, IPv4V2 with { Index = 6 }], LinkLayer.Ethernet);

        Assert.Equal(4, choice.Entry!.Value.Index);
    }

    [Theory]
    [InlineData(LinkLayer.InfiniBand)]
    [InlineData(LinkLayer.Unspecified)]
    public void Choose_OnInfiniBand_TakesThePortsOwn(LinkLayer link)
    {
        GidEntry own = Entry(0, "fe80::2:c903:0:1", GidType.InfiniBand);

        GidChoice choice = GidChooser.Choose([own with { Index = 1 }, own], link);

        Assert.Equal(own, choice.Entry);
        Assert.Contains("LID", choice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_EmptyTable_SaysSo() => Assert.Null(GidChooser.Choose([], LinkLayer.InfiniBand).Entry);
}
