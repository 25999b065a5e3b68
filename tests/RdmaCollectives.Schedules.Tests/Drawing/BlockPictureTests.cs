using System.Globalization;
using RdmaCollectives.Schedules.Drawing;

namespace RdmaCollectives.Schedules.Tests.Drawing;

/// <summary>The pictures in docs/algorithms.md of the collectives whose buffers have blocks.</summary>
public sealed class BlockPictureTests
{
    [Theory]
    [InlineData(CollectiveKind.AllGather, "ring", 4, "ring-all-gather-4")]
    [InlineData(CollectiveKind.AllGather, "bidirectional-ring", 4, "bidirectional-ring-all-gather-4")]
    [InlineData(CollectiveKind.AllGather, "recursive-doubling", 8, "recursive-doubling-all-gather-8")]
    [InlineData(CollectiveKind.AllGather, "bruck", 4, "bruck-all-gather-4")]
    [InlineData(CollectiveKind.AllGather, "pat", 8, "pat-all-gather-8")]
    [InlineData(CollectiveKind.ReduceScatter, "ring", 4, "ring-reduce-scatter-4")]
    [InlineData(CollectiveKind.ReduceScatter, "halving", 8, "halving-reduce-scatter-8")]
    [InlineData(CollectiveKind.ReduceScatter, "pat", 8, "pat-reduce-scatter-8")]
    [InlineData(CollectiveKind.ReduceScatter, "direct", 4, "direct-reduce-scatter-4")]
    [InlineData(CollectiveKind.AllToAll, "pairwise", 4, "pairwise-all-to-all-4")]
    [InlineData(CollectiveKind.AllToAll, "bruck", 4, "bruck-all-to-all-4")]
    [InlineData(CollectiveKind.Gather, "tree", 8, "tree-gather-8")]
    [InlineData(CollectiveKind.Scatter, "tree", 8, "tree-scatter-8")]
    public void Draw_Algorithm_IsTheCommittedPicture(CollectiveKind collective, string name, int ranks, string file) =>
        CommittedFile.AssertEqual(string.Create(CultureInfo.InvariantCulture, $"docs/images/{file}.svg"), ScheduleSvg.Draw(ScheduleCatalog.Find(collective, name)!, new Shape(ranks)));
}
