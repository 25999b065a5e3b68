using System.Xml.Linq;

namespace RdmaCollectives.Peers.Tests;

public class TablesTests
{
    [Fact]
    public void BySize_OneSize_HasArraysAboveAllocate()
    {
        string[] rows = [.. Tables.BySize([Made.Result(Made.OneCase, peer: 10, arrays: 5, allocated: 2)])];
        Assert.Equal<string>(["| size | `all_reduce` |", "|---:|---:|", "| 8 B | 0.50<br>0.20 |", "| geometric mean | **0.50**<br>0.20 |"], rows, StringComparer.Ordinal);
    }

    [Fact]
    public void BySize_CollectivesWithOtherSizes_LeaveCellsEmpty()
    {
        var wider = new Comparison([Made.Peer("A"), Made.Ours()], Made.OneCase with { Collective = "sendrecv" });
        wider.Add([Made.Run(10, 10), Made.Run(5, 20)]);
        string[] rows = [.. Tables.BySize([Made.Result(Made.OneCase, 10, 5, 2), new Result(wider, [])])];
        Assert.Equal<string>(["| 8 B | 0.50<br>0.20 | 0.50 |", "| 64 B |  | 2.00 |", "| geometric mean | **0.50**<br>0.20 | **1.00**<br> |"], rows[2..], StringComparer.Ordinal);
    }

    [Fact]
    public void BySize_SeveralRounds_HaveTheirInterval()
    {
        var comparison = new Comparison([Made.Peer("A"), Made.Ours()], Made.OneCase);
        foreach (double time in (double[])[4, 5, 6])
        {
            comparison.Add([Made.Run(10), Made.Run(time)]);
        }

        Assert.Equal("| 8 B | 0.50 (0.40 to 0.60) |", Tables.BySize([new Result(comparison, [])]).ElementAt(2));
    }

    /// <summary>The headline is ordinary arrays: 0.4 and 0.9 have a geometric mean of 0.6, which is no half, whatever Allocate does.</summary>
    [Theory]
    [InlineData(4, 9, 0.5, "| shm, 2 ranks | 0.40 | 0.90 | **0.60** | 0.10 | no |")]
    [InlineData(4, 9, 1.0, "| shm, 2 ranks | 0.40 | 0.90 | **0.60** | 0.10 | yes |")]
    [InlineData(2, 8, 0.5, "| shm, 2 ranks | 0.20 | 0.80 | **0.40** | 0.10 | yes |")]
    public void Summary_OfTwoCollectives_IsTheGeometricMeanOfArrays(double allReduce, double sendReceive, double target, string row)
    {
        Result[] results = [Made.Result(Made.OneCase, 10, allReduce, 1), Made.Result(Made.OneCase with { Collective = "sendrecv" }, 10, sendReceive, 1)];
        Assert.Equal(row, Tables.Summary(results, target).ElementAt(2));
    }

    [Fact]
    public void Summary_OfTwoTransports_HasARowEach()
    {
        Result[] results = [Made.Result(Made.OneCase, 10, 5, 5), Made.Result(Made.OneCase with { Transport = "tcp" }, 10, 20, 5)];
        Assert.Equal<string>(["| shm, 2 ranks | 0.50 | **0.50** | 0.50 | yes |", "| tcp, 2 ranks | 2.00 | **2.00** | 0.50 | no |"], Tables.Summary(results, 0.5).Skip(2), StringComparer.Ordinal);
    }

    [Fact]
    public void SettingsOfPeers_AfterTrials_SaysWhichTookPart()
    {
        Peer[] peers = [new("A", [Made.Peer("A", "bound"), Made.Peer("A", "not bound"), Made.Peer("A", "broken")]), new("B", [Made.Peer("B", "only")])];
        IReadOnlyList<Tried> tried = Trial.Run(peers, 1, contender => contender.Setting switch
        {
            "bound" => Made.Run(10),
            "not bound" => Made.Run(15),
            "only" => Made.Run(1000),
            _ => null,
        });
        string[] rows = [.. Tables.SettingsOfPeers([Made.Result(Made.OneCase, 10, 5, 2) with { Tried = tried }])];
        Assert.Equal<string>(["| A: bound | **1.00** |", "| A: not bound | 1.50 |", "| A: broken | does not run |", "| B: only | too slow |"], rows[2..], StringComparer.Ordinal);
    }

    [Fact]
    public void Draw_TwoCases_HasAPanelForEachAndALineForEachOfOurs()
    {
        string picture = RatioPlot.Draw([Made.Result(Made.OneCase, 10, 5, 2), Made.Result(Made.OneCase with { Ranks = 4, Collective = "sendrecv" }, 10, 5, 2)], "title <&>", "subtitle");
        XElement svg = XDocument.Parse(picture).Root!;
        XNamespace space = "http://www.w3.org/2000/svg";
        Assert.Equal(4, svg.Elements(space + "polyline").Count());
        string[] texts = [.. svg.Elements(space + "text").Select(text => text.Value)];
        Assert.Contains("all_reduce, 2 ranks", texts, StringComparer.Ordinal);
        Assert.Contains("sendrecv, 4 ranks", texts, StringComparer.Ordinal);
        Assert.Contains("title <&>", texts, StringComparer.Ordinal);
    }
}
