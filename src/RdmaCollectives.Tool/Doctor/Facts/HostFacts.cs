using RdmaCollectives.Tool.Doctor.Checks;

namespace RdmaCollectives.Tool.Doctor.Facts;

/// <summary>What a host is like, as values: the checks judge it by itself, and <see cref="Comparisons.IComparison"/>s judge what differs between hosts.</summary>
internal sealed record HostFacts
{
    /// <summary>Of RdmaCollectives.</summary>
    public required string Library { get; init; }

    /// <summary>Of rdma-core, as in 44.0; null where there is none, or it can't be told.</summary>
    public string? RdmaCore { get; init; }

    public required ClockFacts Clock { get; init; }

    /// <summary>Null where the limit can't be read.</summary>
    public LockedMemoryFacts? LockedMemory { get; init; }

    public required IReadOnlyList<PortFacts> Ports { get; init; }

    /// <summary>Those that lead to other hosts and are up.</summary>
    public required IReadOnlyList<InterfaceFacts> Interfaces { get; init; }

    /// <summary>The ports that the library takes, a rail each, in their order.</summary>
    internal IReadOnlyList<PortFacts> Rails => [.. Ports.Where(port => port.Rail is not null).OrderBy(port => port.Rail)];

    public static HostFacts Of(HostView host)
    {
        IReadOnlyList<RdmaPortFiles> rails = RdmaPortFiles.Rails(host);
        return new HostFacts
        {
            Library = ToolVersion.Text,
            RdmaCore = host.Probe.RdmaCoreVersion,
            Clock = new ClockFacts { Utc = DateTime.UtcNow },
            LockedMemory = LockedMemoryFacts.Of(host),
            Ports = [.. RdmaPortFiles.All(host).Select(port => PortFacts.Of(host, port, rails))],
            Interfaces = [.. InterfacesCheck.External(host).Select(name => InterfaceFacts.Of(host, name))],
        };
    }
}
