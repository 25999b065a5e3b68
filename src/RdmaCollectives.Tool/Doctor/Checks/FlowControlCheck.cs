namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>Whether anything keeps the Ethernet under a RoCE adapter from dropping packets: PFC, pause frames, ECN.</summary>
internal sealed class FlowControlCheck : ICheck
{
    public string Name => "flow-control";

    public string Summary => "PFC, pause frames and ECN of the Ethernet under a RoCE adapter";

    public IEnumerable<Finding> Examine(HostView host)
    {
        RdmaPortFiles[] ports = [.. RdmaPortFiles.All(host).Where(port => port is { IsActive: true, IsEthernet: true, Interface: not null, IsSoftware: false })];
        return ports.Length == 0
            ? [Finding.Ok("No RoCE adapter is active (InfiniBand and software devices need no flow control of Ethernet).", RdmaPortFiles.Devices)]
            : ports.Select(port => Judge(host, port.Interface!));
    }

    private static Finding Judge(HostView host, string network)
    {
        string? pfc = host.Probe.Run("dcb", "pfc", "show", "dev", network)?.Split('\n').FirstOrDefault(line => line.StartsWith("prio-pfc", StringComparison.Ordinal));
        string[]? priorities = pfc?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => word.EndsWith(":on", StringComparison.Ordinal)).Select(word => word[..^3]).ToArray();
        string[] pause = [.. (host.Probe.Run("ethtool", "-a", network) ?? "").Split('\n').Where(line => line.StartsWith("RX:", StringComparison.Ordinal) || line.StartsWith("TX:", StringComparison.Ordinal)).Select(line => string.Join(' ', line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)))];
        bool hasPause = pause.Length == 2 && pause.All(line => line.EndsWith(" on", StringComparison.Ordinal));
        string ecn = Ecn(host, network);
        string evidence = string.Join("; ", new[] { pfc is null ? null : $"dcb pfc show dev {network}: {pfc.Trim()}", pause.Length == 0 ? null : $"ethtool -a {network}: {string.Join(", ", pause)}", ecn.Length == 0 ? null : ecn }.OfType<string>());
        if (priorities is null && pause.Length == 0)
        {
            return Finding.Note($"Flow control of {network} can't be read: neither dcb (iproute2) nor ethtool tells.", evidence.Length == 0 ? $"dcb pfc show dev {network}, ethtool -a {network}: nothing" : evidence, "apt install ethtool iproute2, or run as root on the host itself.");
        }

        string[] on = priorities ?? [];
        return on.Contains("0", StringComparer.Ordinal) || hasPause ? Finding.Ok($"{network} pauses a sender before packets are lost ({(hasPause ? "pause frames" : "PFC for priority 0")}).", evidence)
            : on.Length > 0 ? Finding.Note($"PFC is on for priority {string.Join(", ", on)} of {network}. This library sends with traffic class 0, which is priority 0 unless the adapter maps it to another.", evidence, $"Let the adapter mark RDMA for that priority (with NVIDIA's driver package: echo 106 > /sys/class/infiniband/DEVICE/tc/1/traffic_class), or: dcb pfc set dev {network} prio-pfc 0:on")
            : Finding.Warning($"Neither PFC nor pause frames are on for {network}: under load the switch drops packets, and a reliable connection then waits for retries.", evidence, $"dcb pfc set dev {network} prio-pfc 0:on, and the same on the switch; or a switch that marks ECN and an adapter that heeds it.");
    }

    /// <summary>Where NVIDIA's driver shows which priorities heed ECN, as reaction and notification point.</summary>
    private static string Ecn(HostView host, string network)
    {
        string[] parts = [.. new[] { "roce_rp", "roce_np" }.Select(point => (Point: point, Priorities: host.Entries($"/sys/class/net/{network}/ecn/{point}/enable").Where(priority => host.Text($"/sys/class/net/{network}/ecn/{point}/enable/{priority}") == "1").ToArray())).Where(part => host.Exists($"/sys/class/net/{network}/ecn/{part.Point}/enable")).Select(part => $"{part.Point} {(part.Priorities.Length == 0 ? "off" : string.Join(",", part.Priorities))}")];
        return parts.Length == 0 ? "" : $"/sys/class/net/{network}/ecn: {string.Join(", ", parts)}";
    }
}
