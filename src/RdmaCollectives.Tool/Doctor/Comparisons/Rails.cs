using RdmaCollectives.Tool.Doctor.Facts;
using RdmaCollectives.Tool.Inspect;

namespace RdmaCollectives.Tool.Doctor.Comparisons;

/// <summary>Ports that would be connected: those of one rail on all ranks.</summary>
internal static class Rails
{
    /// <summary>The rails that at least two ranks have.</summary>
    public static IEnumerable<int> Shared(IReadOnlyList<ComparedRank> ranks) =>
        ranks.SelectMany(rank => rank.Facts.Rails.Select(port => port.Rail!.Value)).GroupBy(rail => rail).Where(rail => rail.Count() > 1).Select(rail => rail.Key).Order();

    public static PortFacts? PortOf(ComparedRank rank, int rail) => rank.Facts.Rails.FirstOrDefault(port => port.Rail == rail);

    /// <summary>For sentences: empty for the one rail that most have.</summary>
    public static string Name(IReadOnlyList<ComparedRank> ranks, int rail) => ranks.Any(rank => rank.Facts.Rails.Count > 1) ? $" of rail {Words.Number(rail)}" : "";
}
