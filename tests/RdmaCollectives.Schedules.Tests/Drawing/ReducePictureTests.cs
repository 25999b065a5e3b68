using System.Globalization;
using RdmaCollectives.Schedules.Drawing;

namespace RdmaCollectives.Schedules.Tests.Drawing;

/// <summary>The pictures of all-reduce, reduce, broadcast and barrier in docs/algorithms.md.</summary>
public sealed class ReducePictureTests
{
    [Theory]
    [InlineData(CollectiveKind.AllReduce, "bidirectional-ring", 4, 0, 1)]
    [InlineData(CollectiveKind.AllReduce, "halving-doubling", 4, 0, 1)]
    [InlineData(CollectiveKind.AllReduce, "recursive-doubling", 8, 0, 1)]
    [InlineData(CollectiveKind.AllReduce, "tree", 8, 0, 1)]
    [InlineData(CollectiveKind.AllReduce, "all-pairs", 4, 0, 1)]
    [InlineData(CollectiveKind.AllReduce, "direct", 4, 0, 1)]
    [InlineData(CollectiveKind.AllReduce, "two-level", 8, 0, 4)]
    [InlineData(CollectiveKind.AllReduce, "by-rail", 4, 0, 2)]
    [InlineData(CollectiveKind.Reduce, "tree", 8, 0, 1)]
    [InlineData(CollectiveKind.Reduce, "fixed-tree", 8, 5, 1)]
    [InlineData(CollectiveKind.Reduce, "ring", 4, 0, 1)]
    [InlineData(CollectiveKind.Broadcast, "tree", 8, 0, 1)]
    [InlineData(CollectiveKind.Broadcast, "ring", 4, 0, 1)]
    [InlineData(CollectiveKind.Broadcast, "double-tree", 4, 0, 1)]
    [InlineData(CollectiveKind.Broadcast, "scatter-gather", 4, 0, 1)]
    [InlineData(CollectiveKind.Broadcast, "two-level", 8, 0, 4)]
    [InlineData(CollectiveKind.Barrier, "dissemination", 4, 0, 1)]
    [InlineData(CollectiveKind.Barrier, "tree", 8, 0, 1)]
    public void Draw_FewRanks_IsTheCommittedPicture(CollectiveKind collective, string name, int ranks, int root, int localRanks)
    {
        string kind = collective == CollectiveKind.AllReduce ? "all-reduce" : collective.ToString().ToLower(CultureInfo.InvariantCulture);
        string file = string.Create(CultureInfo.InvariantCulture, $"docs/images/{name}-{kind}-{ranks}.svg");

        CommittedFile.AssertEqual(file, ScheduleSvg.Draw(ScheduleCatalog.Find(collective, name)!, new Shape(ranks, root, LocalRanks: localRanks)));
    }
}
