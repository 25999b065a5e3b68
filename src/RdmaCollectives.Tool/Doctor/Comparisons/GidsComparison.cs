using RdmaCollectives.Tool.Doctor.Facts;

namespace RdmaCollectives.Tool.Doctor.Comparisons;

/// <summary>GIDs of RoCE ports that would be connected: each rank chooses its own, and both ends need one type and family.</summary>
internal sealed class GidsComparison : IComparison
{
    public string Name => "gids";

    public string Summary => "the types of the GIDs of RoCE ports that would be connected";

    public IEnumerable<Finding> Compare(IReadOnlyList<ComparedRank> ranks)
    {
        Finding[] differing = [.. Rails.Shared(ranks).Select(rail => Judge(ranks, rail)).OfType<Finding>()];
        return differing.Length > 0 ? differing : [Finding.Ok("No two RoCE ports that would be connected use GIDs of different types.", $"{RdmaPortFiles.Devices}/*/ports/*/gids, gid_attrs/types")];
    }

    private static Finding? Judge(IReadOnlyList<ComparedRank> ranks, int rail)
    {
        PortFacts? PortOf(ComparedRank rank) => Rails.PortOf(rank, rail) is { IsEthernet: true, Gid: not null } port ? port : null;
        var chosen = Grouped.ByClass(ranks, rank => PortOf(rank)?.Gid);
        if (!chosen.Differ)
        {
            return null;
        }

        string ports = $"RoCE ports{Rails.Name(ranks, rail)}";
        IReadOnlyList<string>[] types = [.. ranks.Select(rank => PortOf(rank)?.GidTypes).OfType<IReadOnlyList<string>>()];
        string[] common = [.. types.Aggregate((one, other) => [.. one.Intersect(other, StringComparer.Ordinal)])];
        var all = Grouped.ByClass(ranks, rank => PortOf(rank) is { } port ? $"uses {port.Gid} of {string.Join(", ", port.GidTypes)}" : null);
        Finding finding = common.Length == 0
            ? Finding.Problem(
                $"{ports} have no GID type in common, and can't be connected: those ranks talk over TCP.",
                all.Describe(text => text),
                "Let all adapters speak RoCE v2 (mlx5: cma_roce_mode -d DEVICE -p 1 -m 2; ip address add ADDRESS/24 dev INTERFACE makes its GIDs).")
            : Finding.Problem(
                $"{ports} use GIDs of different types or families, and can't be connected so: those ranks talk over TCP. All have {string.Join(" and ", common)}.",
                all.Describe(text => text),
                $"Give all of them addresses of one family (ip address add ADDRESS/24 dev INTERFACE), or name a GID of {common[^1]} on each host by RDMACC_GID_INDEX (rdmacc devices lists them).");
        return finding with { Ranks = chosen.Ranks(gid => gid != chosen.Values[0]) };
    }
}
