using System.Net;

namespace RdmaCollectives.Verbs.Tests;

public class GidTests
{
    [Fact]
    public void ToString_MappedIPv4_IsDotted()
    {
        Gid gid = Gid.FromAddress(IPAddress.Parse("10.88.0.1"));

        Assert.Equal("10.88.0.1", gid.ToString());
        Assert.True(gid.IsIPv4);
        Assert.Equal(0UL, gid.Prefix);
        Assert.Equal(0x0000ffff0a580001UL, gid.InterfaceId);
    }

    [Fact]
    public void WriteBytes_ThenRead_IsTheSame()
    {
        byte[] bytes = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 3, 4, 0xff, 0xfe, 5, 6, 7];
        Gid gid = new(bytes);
        byte[] written = new byte[Gid.ByteCount];
        gid.WriteBytes(written);

        Assert.Equal(bytes, written);
        Assert.Equal("fe80::203:4ff:fe05:607", gid.ToString());
        Assert.True(gid.IsLinkLocal);
    }

    [Theory]
    [InlineData("fe80::1", true, false, false)]
    [InlineData("febf::1", true, false, false)]
    [InlineData("fec0::1", false, false, false)]
    [InlineData("169.254.7.7", true, false, true)]
    [InlineData("169.253.7.7", false, false, true)]
    [InlineData("127.0.0.1", false, true, true)]
    [InlineData("::1", false, true, false)]
    [InlineData("2001:db8::1", false, false, false)]
    public void Kinds_OfAddresses_AreTold(string address, bool isLinkLocal, bool isLoopback, bool isIPv4)
    {
        Gid gid = Gid.FromAddress(IPAddress.Parse(address));

        Assert.Equal((isLinkLocal, isLoopback, isIPv4), (gid.IsLinkLocal, gid.IsLoopback, gid.IsIPv4));
    }

    [Fact]
    public void Constructor_WrongLength_NamesIt() =>
        Assert.Contains("16 bytes, not 15", Assert.Throws<ArgumentException>(() => new Gid(new byte[15])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("IB/RoCE v1", true, GidType.RoceV1)]
    [InlineData("IB/RoCE v1", false, GidType.InfiniBand)]
    [InlineData("RoCE v2", true, GidType.RoceV2)]
    [InlineData("RoCE v3", true, GidType.Unknown)]
    [InlineData(null, true, GidType.Unknown)]
    public void ParseType_OfTheKernelsNames_IsTheType(string? text, bool isEthernet, GidType expected) =>
        Assert.Equal(expected, GidTable.ParseType(text, isEthernet));

    [Fact]
    public void GidTable_OfATreeLikeSysfs_IsReadInOrderWithoutEmptyEntries()
    {
        string root = Directory.CreateTempSubdirectory("gids").FullName;
        try
        {
            string port = Path.Combine(root, "ports", "1");
            Directory.CreateDirectory(Path.Combine(port, "gids"));
            Directory.CreateDirectory(Path.Combine(port, "gid_attrs", "types"));
            Directory.CreateDirectory(Path.Combine(port, "gid_attrs", "ndevs"));
            File.WriteAllText(Path.Combine(port, "link_layer"), "Ethernet\n");
            File.WriteAllText(Path.Combine(port, "gids", "0"), "fe80:0000:0000:0000:0203:04ff:fe05:0607\n");
            File.WriteAllText(Path.Combine(port, "gids", "10"), "0000:0000:0000:0000:0000:ffff:0a58:0001\n");
            File.WriteAllText(Path.Combine(port, "gids", "2"), "0000:0000:0000:0000:0000:0000:0000:0000\n");
            File.WriteAllText(Path.Combine(port, "gid_attrs", "types", "0"), "IB/RoCE v1\n");
            File.WriteAllText(Path.Combine(port, "gid_attrs", "types", "10"), "RoCE v2\n");
            File.WriteAllText(Path.Combine(port, "gid_attrs", "ndevs", "10"), "eth0\n");

            IReadOnlyList<GidEntry> table = GidTable.Read(root, "test0", 1);

            Assert.Equal(2, table.Count);
            Assert.Equal((0, GidType.RoceV1, null), (table[0].Index, table[0].Type, table[0].NetworkInterface));
            Assert.Equal("test0 port 1 GID index 10 10.88.0.1 (RoCE v2, eth0)", table[1].ToString());
            Assert.Contains("has no port 2", Assert.Throws<VerbsException>(() => GidTable.Read(root, "test0", 2)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
