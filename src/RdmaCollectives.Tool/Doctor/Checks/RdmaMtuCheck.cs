using System.Globalization;

namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>The MTU of RDMA against that of the network interface under it.</summary>
internal sealed class RdmaMtuCheck : ICheck
{
    private const int LargestMtu = 4096;

    /// <summary>Below this headers and the work per packet are felt.</summary>
    private const int SmallMtu = 1024;

    /// <summary>What the kernel takes off: GRH 40, UDP 8, BTH 12, XRC 4, atomics 28, CRC 4 (iboe_get_mtu in include/rdma/ib_addr.h).</summary>
    private const int HeaderBytes = 96;

    public string Name => "rdma-mtu";

    public string Summary => "the MTU of RDMA, and that of the interface under it";

    public IEnumerable<Finding> Examine(HostView host)
    {
        RdmaPortFiles[] ports = [.. RdmaPortFiles.All(host).Where(port => port.IsActive)];
        return ports.Length == 0 ? [Finding.Ok("No RDMA port is active.", RdmaPortFiles.Devices)] : ports.Select(port => Judge(host, port));
    }

    /// <summary>The largest MTU of RDMA that fits one of Ethernet; 0 where none does.</summary>
    public static int Fitting(long interfaceMtu) => new[] { 4096, 2048, 1024, 512, 256 }.FirstOrDefault(mtu => mtu + HeaderBytes <= interfaceMtu);

    private static Finding Judge(HostView host, RdmaPortFiles port)
    {
        long? network = port.IsEthernet && port.Interface is { } name ? host.Number($"/sys/class/net/{name}/mtu") : null;
        (int Active, int Max)? said = host.Probe.PortMtu(port.Device, port.Port);
        int? active = said?.Active ?? (network is { } mtu ? Fitting(mtu) : null);
        int most = Math.Min(LargestMtu, said?.Max ?? LargestMtu);
        string evidence = string.Join("; ", new[] { said is null ? null : $"ibv_query_port {port.Name}: active_mtu {Text(said.Value.Active)}, max_mtu {Text(said.Value.Max)}", network is null ? null : $"/sys/class/net/{port.Interface}/mtu: {Text(network.Value)}" }.OfType<string>());
        if (active is not { } bytes)
        {
            return Finding.Note($"The MTU of {port.Name} can't be read.", port.Directory);
        }

        string remedy = port.IsEthernet ? $"ip link set dev {port.Interface} mtu 4200 (or 9000), on every host, and at least that on every switch between them" : "Raise the MTU of the partition at the subnet manager (opensm: partitions.conf, mtu=5).";
        string text = $"{port.Name} sends {Text(bytes)} bytes in a packet, and could send {Text(most)}";
        return bytes >= most ? Finding.Ok($"{port.Name} sends {Text(bytes)} bytes in a packet, the most it can.", evidence)
            : bytes < SmallMtu ? Finding.Warning($"{text}: most of its work is headers.", evidence, remedy)
            : Finding.Note($"{text} over an interface with a larger MTU.", evidence, remedy);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
