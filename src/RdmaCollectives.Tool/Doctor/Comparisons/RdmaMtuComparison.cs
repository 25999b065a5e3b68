using RdmaCollectives.Tool.Inspect;

namespace RdmaCollectives.Tool.Doctor.Comparisons;

/// <summary>The active MTUs of the ports that would be connected: each connection takes the smaller.</summary>
internal sealed class RdmaMtuComparison : IComparison
{
    public string Name => "rdma-mtu";

    public string Summary => "the MTUs of the RDMA ports that would be connected";

    public IEnumerable<Finding> Compare(IReadOnlyList<ComparedRank> ranks)
    {
        Finding[] differing = [.. Rails.Shared(ranks).Select(rail => Judge(ranks, rail)).OfType<Finding>()];
        return differing.Length > 0 ? differing : [Finding.Ok("No two RDMA ports that would be connected have different MTUs.", "ibv_query_port active_mtu")];
    }

    private static Finding? Judge(IReadOnlyList<ComparedRank> ranks, int rail)
    {
        var mtus = Grouped.By(ranks, rank => Rails.PortOf(rank, rail)?.ActiveMtu);
        if (!mtus.Differ)
        {
            return null;
        }

        int least = mtus.Values.Min();
        return Finding.Warning(
            $"The MTU of RDMA{Rails.Name(ranks, rail)} differs: {Words.Number(least)} on {mtus.Hosts(mtu => mtu == least)}, up to {Words.Number(mtus.Values.Max())} on others. Each connection takes the smaller.",
            $"{mtus.Describe(mtu => Words.Number(mtu))} (ibv_query_port active_mtu)",
            "One MTU on all hosts and switches: ip link set dev INTERFACE mtu 4200 (or 9000).") with
        { Ranks = mtus.Ranks(mtu => mtu == least) };
    }
}
