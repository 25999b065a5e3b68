using System.Globalization;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.Doctor.Facts;

/// <summary>A port of an RDMA device.</summary>
internal sealed record PortFacts
{
    public required string Device { get; init; }

    public required int Port { get; init; }

    /// <summary>As the kernel writes it: <c>4: ACTIVE</c>.</summary>
    public required string State { get; init; }

    public required bool IsActive { get; init; }

    /// <summary>Which rail of the library it is: it is connected with the ports of other ranks of the same number. Null where the library does not take it.</summary>
    public int? Rail { get; init; }

    /// <summary>Bytes; null where it can't be read.</summary>
    public int? ActiveMtu { get; init; }

    /// <summary>Ethernet or InfiniBand.</summary>
    public required string LinkLayer { get; init; }

    public double? RateGbps { get; init; }

    /// <summary>The network interface, on Ethernet.</summary>
    public string? Interface { get; init; }

    /// <summary>The types of all its GIDs, each once: RoCE v1, RoCE v2, IB.</summary>
    public required IReadOnlyList<string> GidTypes { get; init; }

    /// <summary>Type and family of the GID that the library takes, as in RoCE v2 IPv4; null on InfiniBand, and where there is none.</summary>
    public string? Gid { get; init; }

    internal string Name => string.Create(CultureInfo.InvariantCulture, $"{Device} port {Port}");

    internal bool IsEthernet => LinkLayer == "Ethernet";

    /// <param name="host">The host.</param>
    /// <param name="port">The port.</param>
    /// <param name="rails">The ports that the library takes.</param>
    public static PortFacts Of(HostView host, RdmaPortFiles port, IReadOnlyList<RdmaPortFiles> rails)
    {
        IReadOnlyList<GidEntry> gids = port.Gids(host);
        int rail = rails.ToList().FindIndex(taken => taken.Name == port.Name);
        return new PortFacts
        {
            Device = port.Device,
            Port = port.Port,
            State = port.State,
            IsActive = port.IsActive,
            Rail = rail < 0 ? null : rail,
            ActiveMtu = port.IsActive ? host.Probe.PortMtu(port.Device, port.Port)?.Active : null,
            LinkLayer = port.IsEthernet ? "Ethernet" : "InfiniBand",
            RateGbps = port.RateGbps,
            Interface = port.Interface,
            GidTypes = [.. gids.Select(gid => gid.Type.Describe()).Distinct(StringComparer.Ordinal)],
            Gid = port.IsEthernet && port.ChosenGid(host) is { } chosen ? $"{chosen.Type.Describe()} {(chosen.Gid.IsIPv4 ? "IPv4" : "IPv6")}" : null,
        };
    }
}
