using System.Globalization;

namespace RdmaCollectives.Tool.Doctor.Checks;

/// <summary>Whether this process may run near the RDMA adapter, and whether the kernel moves its pages.</summary>
internal sealed class NumaCheck : ICheck
{
    private const string Nodes = "/sys/devices/system/node";
    private const string Balancing = "/proc/sys/kernel/numa_balancing";

    public string Name => "numa";

    public string Summary => "whether this process may run on the NUMA node of each RDMA adapter";

    public IEnumerable<Finding> Examine(HostView host)
    {
        string[] nodes = [.. host.Entries(Nodes).Where(name => name.StartsWith("node", StringComparison.Ordinal) && name.Length > 4 && char.IsAsciiDigit(name[4]))];
        if (nodes.Length < 2)
        {
            yield return Finding.Ok("There is one NUMA node.", $"{Nodes}: {(nodes.Length == 0 ? "not there" : nodes[0])}");
            yield break;
        }

        string? list = ProcessStatus.Field(host, "Cpus_allowed_list");
        IReadOnlySet<int> allowed = CpuList.Parse(list);
        bool isFar = false;
        foreach (string device in RdmaPortFiles.All(host).Where(port => !port.IsSoftware).Select(port => port.Device).Distinct(StringComparer.Ordinal))
        {
            string file = $"{RdmaPortFiles.Devices}/{device}/device/numa_node";
            string local = string.Create(CultureInfo.InvariantCulture, $"{Nodes}/node{host.Number(file)}/cpulist");
            if (host.Number(file) is >= 0 and { } node && CpuList.Parse(host.Text(local)) is { Count: > 0 } near && !near.Any(allowed.Contains))
            {
                isFar = true;
                yield return Finding.Warning($"{device} is on NUMA node {node}, and this process may not run there: every byte crosses between sockets.", $"{file}: {node}; {local}: {host.Text(local)}; {ProcessStatus.File}: Cpus_allowed_list {list}", $"numactl --cpunodebind={node} --membind={node} PROGRAM, or RDMACC_DEVICE with an adapter of the node where it runs.");
            }
        }

        if (host.Number(Balancing) is > 0 and { } balancing)
        {
            yield return Finding.Note("The kernel moves pages between NUMA nodes while programs run; faults of its own interrupt calls.", $"{Balancing}: {balancing}", "sysctl kernel.numa_balancing=0, where ranks are bound to nodes.");
        }

        if (!isFar)
        {
            yield return Finding.Ok(string.Create(CultureInfo.InvariantCulture, $"There are {nodes.Length} NUMA nodes, and no RDMA adapter is out of reach."), $"{Nodes}; {ProcessStatus.File}: Cpus_allowed_list {list}");
        }
    }
}
