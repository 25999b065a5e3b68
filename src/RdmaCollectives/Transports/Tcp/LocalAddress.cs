using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace RdmaCollectives.Transports.Tcp;

/// <summary>One address of this host that others could connect to.</summary>
/// <param name="Interface">The interface's name, <c>eth0</c>.</param>
/// <param name="Address">IPv4 or IPv6.</param>
/// <param name="IsUp">Whether the interface is up.</param>
/// <param name="IsLoopback">Whether only this host can reach it.</param>
/// <param name="SpeedMbps">The link's speed, 0 where the driver does not say.</param>
internal sealed record LocalAddress(string Interface, IPAddress Address, bool IsUp, bool IsLoopback, long SpeedMbps)
{
    // Names that container engines, hypervisors and VPNs give to interfaces which other hosts do not reach, or not directly.
    private static readonly string[] VirtualPrefixes =
        ["docker", "br-", "virbr", "veth", "vnet", "cni", "flannel", "cali", "cilium", "podman", "lxc", "lxd", "kube", "vxlan", "tun", "tap", "wg", "tailscale", "zt"];

    /// <summary>Whether the name is that of a bridge or tunnel of a container engine, hypervisor or VPN: tried last.</summary>
    public bool IsVirtual => VirtualPrefixes.Any(prefix => Interface.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Valid on its link alone: IPv6 ones need a scope that only this host knows, so they are of no use to a peer; IPv4 ones (169.254/16) are tried late.</summary>
    public bool IsLinkLocal => Address.IsIPv6LinkLocal || (Address.AddressFamily == AddressFamily.InterNetwork && Address.GetAddressBytes() is [169, 254, ..]);

    /// <summary>What the system has now.</summary>
    public static IReadOnlyList<LocalAddress> ReadAll()
    {
        List<LocalAddress> addresses = [];
        foreach (NetworkInterface network in NetworkInterface.GetAllNetworkInterfaces())
        {
            bool isLoopback = network.NetworkInterfaceType == NetworkInterfaceType.Loopback;
            // Virtual links report "unknown" where they work; only "down" is down.
            bool isUp = network.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown;
            foreach (UnicastIPAddressInformation address in network.GetIPProperties().UnicastAddresses)
            {
                addresses.Add(new LocalAddress(network.Name, address.Address, isUp, isLoopback, Math.Max(0, network.Speed / 1_000_000)));
            }
        }

        return addresses;
    }
}
