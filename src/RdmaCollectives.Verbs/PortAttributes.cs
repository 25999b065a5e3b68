using System.Globalization;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>The state of one port, as <c>ibv_query_port</c> tells.</summary>
public sealed class PortAttributes
{
    internal PortAttributes(int port, in ibv_port_attr native)
    {
        Port = port;
        State = (PortState)native.state;
        MaxMtu = (PathMtu)native.max_mtu;
        ActiveMtu = (PathMtu)native.active_mtu;
        GidCount = native.gid_tbl_len;
        MaxMessageByteCount = native.max_msg_sz;
        PartitionKeyCount = native.pkey_tbl_len;
        LocalIdentifier = native.lid;
        SubnetManagerLocalIdentifier = native.sm_lid;
        PhysicalState = native.phys_state;
        LinkLayer = (LinkLayer)native.link_layer;
        ActiveWidth = native.active_width;
        ActiveSpeed = native.active_speed;
    }

    /// <summary>The port's number, from 1.</summary>
    public int Port { get; }

    /// <summary>Its logical state.</summary>
    public PortState State { get; }

    /// <summary>The largest MTU it can do.</summary>
    public PathMtu MaxMtu { get; }

    /// <summary>The largest MTU it is configured for.</summary>
    public PathMtu ActiveMtu { get; }

    /// <summary>Length of the GID table.</summary>
    public int GidCount { get; }

    /// <summary>The largest message in bytes.</summary>
    public uint MaxMessageByteCount { get; }

    /// <summary>Length of the partition key table.</summary>
    public int PartitionKeyCount { get; }

    /// <summary>The LID that the subnet manager gave it; 0 on Ethernet.</summary>
    public ushort LocalIdentifier { get; }

    /// <summary>The subnet manager's LID; 0 on Ethernet.</summary>
    public ushort SubnetManagerLocalIdentifier { get; }

    /// <summary>The physical state by number: 2 polling, 3 disabled, 4 training, 5 link up, 6 recovering from an error.</summary>
    public int PhysicalState { get; }

    /// <summary>The link.</summary>
    public LinkLayer LinkLayer { get; }

    /// <summary>The width as the driver codes it: 1, 2, 4, 8, 16 for 1, 4, 8, 12 and 2 lanes.</summary>
    public int ActiveWidth { get; }

    /// <summary>The speed of a lane as the driver codes it: 1 SDR, 2 DDR, 4 QDR, 8 FDR10, 16 FDR, 32 EDR, 64 HDR, 128 NDR.</summary>
    public int ActiveSpeed { get; }

    /// <summary>The number of lanes; 0 when the code is not known.</summary>
    public int Lanes => ActiveWidth switch { 1 => 1, 2 => 4, 4 => 8, 8 => 12, 16 => 2, _ => 0 };

    /// <summary>The port's rate in gigabits per second, all lanes together; 0 when a code is not known.</summary>
    /// <remarks>Signalling rates per lane as in the InfiniBand specification, volume 2; drivers of Ethernet and software devices report the nearest.</remarks>
    public double RateGbps => Lanes * ActiveSpeed switch { 1 => 2.5, 2 => 5, 4 => 10, 8 => 10, 16 => 14, 32 => 25, 64 => 50, 128 => 100, _ => 0 };

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"port {Port}: {State}, {LinkLayer}, MTU {ActiveMtu.ByteCount()}, {RateGbps:0.#} Gb/s");
}
