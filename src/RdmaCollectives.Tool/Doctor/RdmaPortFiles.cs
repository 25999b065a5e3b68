using System.Globalization;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>A port of an RDMA device as sysfs shows it (Documentation/ABI/stable/sysfs-class-infiniband of the kernel).</summary>
internal sealed record RdmaPortFiles(string Device, int Port, string Directory)
{
    public const string Devices = "/sys/class/infiniband";

    /// <summary><c>4: ACTIVE</c>.</summary>
    public required string State { get; init; }

    /// <summary><c>5: LinkUp</c>.</summary>
    public required string PhysicalState { get; init; }

    /// <summary>Gigabits per second; null where the kernel does not say.</summary>
    public required double? RateGbps { get; init; }

    public required bool IsEthernet { get; init; }

    /// <summary>The network interface, on Ethernet.</summary>
    public required string? Interface { get; init; }

    /// <summary>rxe, siw: no adapter, and so no PCIe and no flow control of its own.</summary>
    public required bool IsSoftware { get; init; }

    public bool IsActive => State.StartsWith("4:", StringComparison.Ordinal);

    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Device} port {Port}");

    /// <summary>Where the kernel shows the PCI device.</summary>
    public string PciDirectory => $"{Devices}/{Device}/device";

    public static IReadOnlyList<RdmaPortFiles> All(HostView host) => [.. host.Entries(Devices).SelectMany(device => Of(host, device))];

    /// <summary>The ports that the library would take, a rail each: those that RDMACC_DEVICE names, in its order, else the first that is active. Only those that are active.</summary>
    public static IReadOnlyList<RdmaPortFiles> Rails(HostView host)
    {
        RdmaPortFiles[] active = [.. All(host).Where(port => port.IsActive)];
        return host.SetValue("RDMACC_DEVICE") is { } named
            ? [.. named.Split(',', StringSplitOptions.TrimEntries).Select(one => active.FirstOrDefault(port => port.IsNamed(one))).OfType<RdmaPortFiles>().Distinct()]
            : active[..Math.Min(1, active.Length)];
    }

    /// <summary>The GID that the library would take: that at RDMACC_GID_INDEX, else its own choice. Null where there is none.</summary>
    public GidEntry? ChosenGid(HostView host) => int.TryParse(host.SetValue("RDMACC_GID_INDEX"), NumberStyles.None, CultureInfo.InvariantCulture, out int wanted)
        ? Gids(host).Cast<GidEntry?>().FirstOrDefault(gid => gid!.Value.Index == wanted)
        : GidChooser.Choose(Gids(host), IsEthernet ? LinkLayer.Ethernet : LinkLayer.InfiniBand).Entry;

    /// <summary>Whether RDMACC_DEVICE means this port, among others or alone: a device is its first port.</summary>
    public bool IsNamed(string named) => named.Split(',', StringSplitOptions.TrimEntries).Any(one => one == Device ? Port == 1 : one == string.Create(CultureInfo.InvariantCulture, $"{Device}:{Port}"));

    /// <summary>The entries of the GID table that are set.</summary>
    public IReadOnlyList<GidEntry> Gids(HostView host)
    {
        List<GidEntry> entries = [];
        foreach (string name in host.Entries($"{Directory}/gids"))
        {
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && Gid.TryParse(host.Text($"{Directory}/gids/{name}"), out Gid gid) && !gid.IsEmpty)
            {
                GidType type = host.Text($"{Directory}/gid_attrs/types/{name}") switch
                {
                    "RoCE v2" => GidType.RoceV2,
                    "IB/RoCE v1" => IsEthernet ? GidType.RoceV1 : GidType.InfiniBand,
                    _ => GidType.Unknown,
                };
                entries.Add(new GidEntry(Device, Port, index, gid, type, host.Text($"{Directory}/gid_attrs/ndevs/{name}")));
            }
        }

        return [.. entries.OrderBy(entry => entry.Index)];
    }

    private static IEnumerable<RdmaPortFiles> Of(HostView host, string device)
    {
        string own = $"{Devices}/{device}";
        foreach (string name in host.Entries($"{own}/ports"))
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int port))
            {
                continue;
            }

            string directory = $"{own}/ports/{name}";
            string? parent = host.Text($"{own}/parent"); // rxe: the interface that it was made on
            yield return new RdmaPortFiles(device, port, directory)
            {
                State = host.Text($"{directory}/state") ?? "unknown",
                PhysicalState = host.Text($"{directory}/phys_state") ?? "unknown",
                RateGbps = double.TryParse(host.Text($"{directory}/rate")?.Split(' ')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) ? rate : null,
                IsEthernet = host.Text($"{directory}/link_layer") == "Ethernet",
                Interface = parent ?? host.Entries($"{directory}/gid_attrs/ndevs").Select(index => host.Text($"{directory}/gid_attrs/ndevs/{index}")).FirstOrDefault(found => found is not null) ?? host.Entries($"{own}/device/net").FirstOrDefault(),
                IsSoftware = parent is not null || device.StartsWith("rxe", StringComparison.Ordinal) || device.StartsWith("siw", StringComparison.Ordinal),
            };
        }
    }
}
