using RdmaCollectives.Transports.Rdma;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tests.Rdma;

/// <summary>Partition keys: which of a port's is used, and which two ports may talk.</summary>
public sealed class PartitionKeyTests
{
    private static readonly ushort[] s_table = [0xffff, 0x8001, 0, 0x0002];

    [Theory]
    [InlineData(0xffff, 0)]
    [InlineData(0x8001, 1)]
    [InlineData(0x0002, 3)]
    public void IndexOf_AKeyOfTheTable_IsItsPlace(int wanted, int index) => Assert.Equal(index, PartitionKey.IndexOf((ushort)wanted, s_table, "mlx5_0 port 1"));

    [Theory]
    [InlineData(0x8003)]
    [InlineData(0x0001)] // the table holds the full membership alone
    public void IndexOf_AKeyThatIsNotThere_NamesItThoseThatAreAndTheRemedy(int wanted)
    {
        CollectiveException refusal = Assert.Throws<CollectiveException>(() => PartitionKey.IndexOf((ushort)wanted, s_table, "mlx5_0 port 1"));
        Assert.Equal(Error.Resource, refusal.Error);
        Assert.StartsWith($"RDMACC_PKEY is 0x{wanted:x4}, and mlx5_0 port 1 has the partition keys 0xffff, 0x8001, 0x0002. Take one of these", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void IndexOf_WithoutAnyKey_SaysSo() =>
        Assert.Contains("has no partition keys", Assert.Throws<CollectiveException>(() => PartitionKey.IndexOf(0x8001, [0, 0], "x port 1")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0xffff, 0xffff, null)]
    [InlineData(0x8001, 0x0001, null)]
    [InlineData(0x0001, 0x8001, null)]
    [InlineData(0x8001, 0x8002, "a is in partition 0x8001 and b of the peer in 0x8002: give all ranks one partition (RDMACC_PKEY)")]
    [InlineData(0x0001, 0x0001, "a and b of the peer are limited members of partition 0x0001, and those can't talk to each other: make one of them at least a full member (RDMACC_PKEY 0x8001)")]
    public void WhyNotReachable_OfTwoPartitions_SaysWhy(int own, int other, string? reason) =>
        Assert.Equal(reason, Port("a", own).WhyNotReachable(Port("b", other)));

    private static RdmaDescription Port(string device, int key) => new(LinkLayer.InfiniBand, GidType.InfiniBand, IsIPv4: false, PathMtu.Bytes4096, new PartitionKey((ushort)key), device);
}
