using System.Runtime.InteropServices;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>The way to a peer's port: by LID inside an InfiniBand subnet, by GID on RoCE and between subnets.</summary>
public readonly record struct AddressVector
{
    /// <summary>The local port, from 1.</summary>
    public byte Port { get; init; }

    /// <summary>The peer's LID; 0 on RoCE.</summary>
    public ushort DestinationLocalIdentifier { get; init; }

    /// <summary>The InfiniBand service level, or on RoCE the priority, 0 to 15.</summary>
    public byte ServiceLevel { get; init; }

    /// <summary>Whether packets carry a global route header: always on RoCE.</summary>
    public bool IsGlobal { get; init; }

    /// <summary>The peer's GID.</summary>
    public Gid DestinationGid { get; init; }

    /// <summary>The index of the local GID in the port's table.</summary>
    public byte SourceGidIndex { get; init; }

    /// <summary>How many routers a packet may pass; on RoCE v2 the IP time to live.</summary>
    public byte HopLimit { get; init; }

    /// <summary>The traffic class; on RoCE v2 the IP type of service (DSCP in the upper six bits).</summary>
    public byte TrafficClass { get; init; }

    /// <summary>The 20-bit flow label; on RoCE v2 some devices derive the UDP source port from it.</summary>
    public uint FlowLabel { get; init; }

    /// <summary>A way inside an InfiniBand subnet. For one between subnets set <see cref="IsGlobal"/> and the GIDs too.</summary>
    public static AddressVector InfiniBand(int port, ushort destinationLocalIdentifier, byte serviceLevel = 0) =>
        new() { Port = checked((byte)port), DestinationLocalIdentifier = destinationLocalIdentifier, ServiceLevel = serviceLevel };

    /// <summary>A way over RoCE.</summary>
    public static AddressVector Roce(int port, int sourceGidIndex, Gid destinationGid, byte hopLimit = 64, byte trafficClass = 0, byte serviceLevel = 0) => new()
    {
        Port = checked((byte)port),
        IsGlobal = true,
        DestinationGid = destinationGid,
        SourceGidIndex = checked((byte)sourceGidIndex),
        HopLimit = hopLimit,
        TrafficClass = trafficClass,
        ServiceLevel = serviceLevel,
    };

    internal unsafe ibv_ah_attr ToNative()
    {
        ibv_ah_attr native = new()
        {
            dlid = DestinationLocalIdentifier,
            sl = ServiceLevel,
            is_global = IsGlobal ? (byte)1 : (byte)0,
            port_num = Port,
        };
        if (IsGlobal)
        {
            native.grh.flow_label = FlowLabel;
            native.grh.sgid_index = SourceGidIndex;
            native.grh.hop_limit = HopLimit;
            native.grh.traffic_class = TrafficClass;
            DestinationGid.WriteBytes(MemoryMarshal.CreateSpan(ref native.grh.dgid.raw[0], Gid.ByteCount));
        }
        return native;
    }

    /// <inheritdoc/>
    public override string ToString() => IsGlobal
        ? $"port {Port}, GID index {SourceGidIndex} -> {DestinationGid}, hop limit {HopLimit}, traffic class {TrafficClass}{(DestinationLocalIdentifier == 0 ? "" : $", LID {DestinationLocalIdentifier}")}"
        : $"port {Port} -> LID {DestinationLocalIdentifier}, service level {ServiceLevel}";
}
