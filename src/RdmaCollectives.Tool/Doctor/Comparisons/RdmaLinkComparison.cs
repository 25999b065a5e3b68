using RdmaCollectives.Tool.Doctor.Facts;

namespace RdmaCollectives.Tool.Doctor.Comparisons;

/// <summary>Link layers and rates of the ports that would be connected.</summary>
internal sealed class RdmaLinkComparison : IComparison
{
    public string Name => "rdma-link";

    public string Summary => "link layers and rates of the RDMA ports that would be connected";

    public IEnumerable<Finding> Compare(IReadOnlyList<ComparedRank> ranks)
    {
        Finding[] differing = [.. Rails.Shared(ranks).SelectMany(rail => Judge(ranks, rail))];
        return differing.Length > 0 ? differing : [Finding.Ok("No two RDMA ports that would be connected differ in link layer or rate.", $"{RdmaPortFiles.Devices}/*/ports/*/link_layer, rate")];
    }

    private static IEnumerable<Finding> Judge(IReadOnlyList<ComparedRank> ranks, int rail)
    {
        var layers = Grouped.ByClass(ranks, rank => Rails.PortOf(rank, rail)?.LinkLayer);
        if (layers.Differ)
        {
            yield return Finding.Problem(
                $"RDMA ports{Rails.Name(ranks, rail)} are on different link layers, {string.Join(" and ", layers.Values)}, and can't be connected: those ranks talk over TCP.",
                layers.Describe(layer => layer),
                "Name ports of one link layer on all hosts (RDMACC_DEVICE; rdmacc devices lists them), or set the adapter's ports to one (mlxconfig LINK_TYPE_P1).") with
            { Ranks = layers.Ranks(layer => layer != layers.Values[0]) };
            yield break; // the rates of ports that never meet do not matter
        }

        var rates = Grouped.By(ranks, rank => Rails.PortOf(rank, rail)?.RateGbps);
        if (rates.Differ)
        {
            double least = rates.Values.Min();
            yield return Finding.Warning(
                $"RDMA ports{Rails.Name(ranks, rail)} have different rates: {Size.Gigabits(least)} on {rates.Hosts(rate => rate == least)}, up to {Size.Gigabits(rates.Values.Max())} on others. Large calls take as long as the slowest port.",
                $"{rates.Describe(Size.Gigabits)} ({RdmaPortFiles.Devices}/*/ports/*/rate)",
                $"Look at the cables and switch ports of {rates.Hosts(rate => rate == least)} (ethtool INTERFACE, iblinkinfo), and whether RDMACC_DEVICE names the port that was meant.") with
            { Ranks = rates.Ranks(rate => rate == least) };
        }
    }
}
