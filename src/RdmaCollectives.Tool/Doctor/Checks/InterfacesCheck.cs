using System.Globalization;
using System.Net;

namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>The network interfaces over which other hosts could be reached: up, with a carrier, and with a usual MTU.</summary>
internal sealed class InterfacesCheck : ICheck
{
    public const string Interfaces = "/sys/class/net";

    private const string Devices = "/proc/self/net/dev";
    private const int UsualMtu = 1500;

    /// <summary>Tunnels and clouds take up to 100 of 1500.</summary>
    private const int SmallMtu = 1400;
    private const int SoftwareLoopback = 772; // ARPHRD_LOOPBACK

    // Interfaces that hosts have for themselves; a small MTU of one is no news.
    private static readonly string[] InternalPrefixes = ["docker", "br-", "virbr", "veth", "vnet", "cni", "flannel", "cali", "cilium", "podman", "lxc", "lxd", "kube", "vxlan", "tun", "tap", "wg", "tailscale", "zt", "ifb", "dummy", "sit", "ip6tnl", "gre"];

    public string Name => "interfaces";

    public string Summary => "network interfaces: up, with a carrier, and an MTU of at least 1500";

    public IEnumerable<Finding> Examine(HostView host) => OtherNamespace(host) is { } other ? [other] : Judge(host);

    /// <summary>A /sys shows the network namespace in which it was mounted; /proc/self/net that of this process.</summary>
    private static Finding? OtherNamespace(HostView host)
    {
        string[] own = [.. host.Lines(Devices).Where(line => line.Contains(':', StringComparison.Ordinal)).Select(line => line.Split(':')[0].Trim())];
        return own.Length == 0 || own.All(name => host.Exists($"{Interfaces}/{name}"))
            ? null
            : Finding.Note("/sys shows the interfaces of another network namespace: they were not examined.", $"{Devices}: {string.Join(", ", own)}; {Interfaces}: {string.Join(", ", host.Entries(Interfaces))}", "Enter the namespace by 'ip netns exec', or mount -t sysfs sysfs /sys in it.");
    }

    private static IEnumerable<Finding> Judge(HostView host)
    {
        string[] all = [.. host.Entries(Interfaces).Where(name => host.Exists($"{Interfaces}/{name}/mtu"))];
        string? wanted = host.SetValue("RDMACC_INTERFACE");
        foreach (string name in (wanted ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(IsName).Where(name => !all.Contains(name, StringComparer.Ordinal)))
        {
            yield return Finding.Problem($"RDMACC_INTERFACE names {name}, and there is no such interface.", $"{Interfaces}: {string.Join(", ", all)}", "Name one of these, an address or a network (10.0.0.0/8), or unset it.");
        }

        string[] external = [.. all.Where(name => IsExternal(host, wanted, name))];
        string[] up = [.. external.Where(name => IsUp(host, name))];
        foreach (string name in external.Except(up, StringComparer.Ordinal))
        {
            string evidence = $"{Interfaces}/{name}/operstate: {host.Text($"{Interfaces}/{name}/operstate")}";
            yield return wanted is not null && IsWanted(wanted, name)
                ? Finding.Problem($"RDMACC_INTERFACE names {name}, and it is down.", evidence, $"ip link set dev {name} up; if it is up, look at its cable.")
                : Finding.Note($"{name} is down.", evidence, $"ip link set dev {name} up, where it should carry traffic.");
        }

        foreach (string name in up)
        {
            yield return Judge(host, name);
        }

        if (up.Length == 0)
        {
            yield return Finding.Note("No interface leads to other hosts: ranks can be on this host only.", $"{Interfaces}: {string.Join(", ", all)}", "ip link set dev INTERFACE up; ip address add ADDRESS/24 dev INTERFACE.");
        }
    }

    /// <summary>The interfaces that lead to other hosts and are up; none where those of this process' network namespace can't be seen.</summary>
    public static IEnumerable<string> External(HostView host) => OtherNamespace(host) is not null ? []
        : host.Entries(Interfaces).Where(name => host.Exists($"{Interfaces}/{name}/mtu") && IsExternal(host, host.SetValue("RDMACC_INTERFACE"), name) && IsUp(host, name));

    public static bool IsUp(HostView host, string name) => host.Text($"{Interfaces}/{name}/operstate") is "up" or "unknown";

    private static bool IsExternal(HostView host, string? wanted, string name) =>
        host.Number($"{Interfaces}/{name}/type") != SoftwareLoopback && (wanted is null ? !InternalPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) : IsWanted(wanted, name));

    private static Finding Judge(HostView host, string name)
    {
        long mtu = host.Number($"{Interfaces}/{name}/mtu") ?? 0;
        string evidence = string.Create(CultureInfo.InvariantCulture, $"{Interfaces}/{name}: operstate {host.Text($"{Interfaces}/{name}/operstate")}, mtu {mtu}");
        string speed = host.Number($"{Interfaces}/{name}/speed") is > 0 and { } megabits ? $", {Size.Gigabits(megabits / 1000.0)}" : "";
        string remedy = $"ip link set dev {name} mtu 1500 (9000 where every switch passes it), unless a tunnel or the provider asks for less.";
        return mtu < SmallMtu ? Finding.Warning($"{name} has an MTU of {mtu}: more packets for the same bytes, and hosts with a larger one may send what does not arrive.", evidence, remedy)
            : mtu < UsualMtu ? Finding.Note($"{name} has an MTU of {mtu}, less than the usual {UsualMtu}.", evidence, remedy)
            : Finding.Ok(string.Create(CultureInfo.InvariantCulture, $"{name} is up, MTU {mtu}{speed}."), evidence);
    }

    private static bool IsName(string part) => !IPAddress.TryParse(part.Split('/')[0], out _);

    /// <summary>Addresses and networks of the option are not resolved here: then every interface is looked at.</summary>
    private static bool IsWanted(string wanted, string name) => wanted.Split(',', StringSplitOptions.TrimEntries) is { } parts && (parts.Contains(name, StringComparer.Ordinal) || !parts.Any(IsName));
}
