namespace RdmaCollectives.Tool.Doctor.Comparisons;

/// <summary>Hosts without a port that the library can take, where others have one.</summary>
internal sealed class RdmaPortsComparison : IComparison
{
    public string Name => "rdma-ports";

    public string Summary => "whether all hosts, or none, have an RDMA port that is active";

    public IEnumerable<Finding> Compare(IReadOnlyList<ComparedRank> ranks)
    {
        var ports = Grouped.ByClass(ranks, Describe);
        bool IsWithout(string port) => port.StartsWith("none", StringComparison.Ordinal);
        if (ports.Values.All(IsWithout) || !ports.Values.Any(IsWithout))
        {
            return [Finding.Ok(ports.Values.All(IsWithout) ? "No host has an active RDMA port." : "All hosts have an active RDMA port.", ports.Describe(port => port))];
        }

        return
        [
            Finding.Warning(
                $"Some hosts have no active RDMA port: {ports.Hosts(IsWithout)}, where others have one. What goes to and from there goes over TCP, and calls take as long as their slowest pair.",
                ports.Describe(port => port),
                $"Look at rdma-devices and rdma-ports of {ports.Hosts(IsWithout)}, and at RDMACC_DEVICE there; or leave it out of the job.") with
            { Ranks = ports.Ranks(IsWithout) },
        ];
    }

    private static string Describe(ComparedRank rank) =>
        rank.Facts.Rails.Count > 0 ? string.Join(", ", rank.Facts.Rails.Select(port => port.Name))
        : rank.Facts.Ports.Count == 0 ? "none"
        : $"none that is active and named ({string.Join(", ", rank.Facts.Ports.Select(port => $"{port.Name} {port.State}"))})";
}
