using System.Text;
using System.Text.Unicode;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Transports.Rdma;

/// <summary>What a rank tells the others of its port, so that they can judge whether they reach it.</summary>
internal readonly record struct RdmaDescription(LinkLayer LinkLayer, GidType GidType, bool IsIPv4, PathMtu Mtu, PartitionKey PartitionKey, string Device)
{
    private const int FixedByteCount = 6;

    public byte[] ToBytes() => [(byte)LinkLayer, (byte)GidType, (byte)(IsIPv4 ? 1 : 0), (byte)Mtu, (byte)PartitionKey.Value, (byte)(PartitionKey.Value >> 8), .. Encoding.UTF8.GetBytes(Device)];

    /// <summary>Null for bytes that are not one.</summary>
    public static RdmaDescription? TryRead(ReadOnlySpan<byte> from) =>
        from.Length > FixedByteCount && from[2] <= 1 && Enum.IsDefined((LinkLayer)from[0]) && Enum.IsDefined((GidType)from[1]) && Enum.IsDefined((PathMtu)from[3]) && Utf8.IsValid(from[FixedByteCount..])
            ? new RdmaDescription((LinkLayer)from[0], (GidType)from[1], from[2] != 0, (PathMtu)from[3], new PartitionKey((ushort)(from[4] | from[5] << 8)), Encoding.UTF8.GetString(from[FixedByteCount..]))
            : null;

    public static RdmaDescription Of(RdmaPort port) => new(
        port.Attributes.LinkLayer,
        port.Gid?.Type ?? GidType.InfiniBand,
        port.Gid?.Gid.IsIPv4 ?? false,
        port.Attributes.ActiveMtu,
        port.PartitionKey,
        port.Device.Name);

    /// <summary>Null when two ports can be connected, else why not.</summary>
    public string? WhyNotReachable(in RdmaDescription other) =>
        LinkLayer != other.LinkLayer ? $"{Device} is on {LinkLayer} and {other.Device} of the peer on {other.LinkLayer}"
        : GidType != other.GidType ? $"{Device} uses {GidType.Describe()} and {other.Device} of the peer {other.GidType.Describe()}: give both a GID of one type (RDMACC_GID_INDEX)"
        : IsIPv4 != other.IsIPv4 ? $"{Device} has an {Family(IsIPv4)} GID and {other.Device} of the peer an {Family(other.IsIPv4)} one: give both one family (RDMACC_GID_INDEX)"
        : PartitionKey.Partition != other.PartitionKey.Partition ? $"{Device} is in partition {PartitionKey} and {other.Device} of the peer in {other.PartitionKey}: give all ranks one partition (RDMACC_PKEY)"
        : !PartitionKey.IsFull && !other.PartitionKey.IsFull ? $"{Device} and {other.Device} of the peer are limited members of partition {PartitionKey}, and those can't talk to each other: make one of them at least a full member (RDMACC_PKEY {new PartitionKey((ushort)(PartitionKey.Value | 0x8000))})"
        : null;

    private static string Family(bool isIPv4) => isIPv4 ? "IPv4" : "IPv6";
}
