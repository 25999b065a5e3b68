using System.Globalization;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>Whether each active RoCE port has an address that peers reach, chosen as the library chooses.</summary>
internal sealed class GidsCheck : ICheck
{
    public string Name => "gids";

    public string Summary => "the addresses (GIDs) of each active RoCE port";

    public IEnumerable<Finding> Examine(HostView host)
    {
        RdmaPortFiles[] ports = [.. RdmaPortFiles.All(host).Where(port => port.IsActive && port.IsEthernet)];
        return ports.Length == 0 ? [Finding.Ok("No RoCE port is active, so no GID is needed.", RdmaPortFiles.Devices)] : ports.Select(port => Judge(host, port));
    }

    private static Finding Judge(HostView host, RdmaPortFiles port)
    {
        IReadOnlyList<GidEntry> gids = port.Gids(host);
        string evidence = $"{port.Directory}/gids: {(gids.Count == 0 ? "all empty" : string.Join(", ", gids.Select(Describe)))}";
        string address = $"ip address add ADDRESS/24 dev {port.Interface ?? "INTERFACE"}";
        if (int.TryParse(host.SetValue("RDMACC_GID_INDEX"), NumberStyles.None, CultureInfo.InvariantCulture, out int wanted))
        {
            return gids.Any(gid => gid.Index == wanted)
                ? Finding.Ok($"{port.Name} uses GID index {wanted}, as RDMACC_GID_INDEX says.", evidence)
                : Finding.Problem($"RDMACC_GID_INDEX is {wanted}, and {port.Name} has no GID there.", evidence, "Unset RDMACC_GID_INDEX, or take an index that 'rdmacc devices' lists.");
        }

        GidChoice choice = GidChooser.Choose(gids, LinkLayer.Ethernet);
        if (choice.Entry is not { } chosen)
        {
            return Finding.Problem($"{port.Name} has no address: no connection can be made over it.", evidence, address);
        }

        return chosen.Type == GidType.RoceV1 ? Finding.Warning($"{port.Name} has RoCE v1 addresses only, which routers do not pass on.", evidence, $"{address}, on an adapter that speaks RoCE v2")
            : chosen.Gid.IsLinkLocal || chosen.Gid.IsLoopback ? Finding.Warning($"{port.Name} has a link-local address only: peers behind a router are not reached, and some devices not at all.", evidence, address)
            : Finding.Ok($"{port.Name} uses {Describe(chosen)}.", evidence);
    }

    private static string Describe(GidEntry gid) => string.Create(CultureInfo.InvariantCulture, $"{gid.Index} {gid.Gid} {gid.Type.Describe()}");
}
