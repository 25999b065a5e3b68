using RdmaCollectives.Tool.Doctor.Checks;

namespace RdmaCollectives.Tool.Doctor.Facts;

/// <summary>A network interface.</summary>
internal sealed record InterfaceFacts
{
    public required string Name { get; init; }

    /// <summary>Bytes; null where it can't be read.</summary>
    public long? Mtu { get; init; }

    /// <summary>Null where the driver does not say.</summary>
    public double? SpeedGbps { get; init; }

    /// <summary>Its IPv4 network, as in 10.0.0.0/24: interfaces of one network send to each other without a router. Null where it has none that others are in.</summary>
    public string? Network { get; init; }

    public static InterfaceFacts Of(HostView host, string name) => new()
    {
        Name = name,
        Mtu = host.Number($"{InterfacesCheck.Interfaces}/{name}/mtu"),
        SpeedGbps = host.Number($"{InterfacesCheck.Interfaces}/{name}/speed") is > 0 and { } megabits ? megabits / 1000.0 : null,
        Network = host.Probe.NetworkOf(name),
    };
}
