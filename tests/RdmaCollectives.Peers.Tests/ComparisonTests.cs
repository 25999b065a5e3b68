namespace RdmaCollectives.Peers.Tests;

public class ComparisonTests
{
    private static readonly Contender[] Three = [Made.Peer("A"), Made.Peer("B"), Made.Ours()];

    [Fact]
    public void Ratio_OfARound_IsToTheBestPeerOfThatRound()
    {
        var comparison = new Comparison(Three, Made.OneCase);
        comparison.Add([Made.Run(10), Made.Run(20), Made.Run(5)]);
        comparison.Add([Made.Run(80), Made.Run(40), Made.Run(20)]);
        Assert.Equal(new Estimate(0.5, 0.5, 0.5), comparison.Ratio(2, 8));
        Assert.Equal(12.5, comparison.Time(2, 8));
    }

    [Fact]
    public void Ratio_TheBestPeerDiffersBySize_IsToTheBestOfEachSize()
    {
        var comparison = new Comparison(Three, Made.OneCase);
        comparison.Add([Made.Run(10, 400), Made.Run(20, 100), Made.Run(10, 50)]);
        Assert.Equal([1, 0.5], comparison.Sizes.Select(bytes => comparison.Ratio(2, bytes).Median));
    }

    [Fact]
    public void Ratio_OursIsFasterThanOurOther_IsStillToThePeer()
    {
        var comparison = new Comparison([Made.Peer("A"), Made.Ours(), Made.Ours(Contenders.Allocated)], Made.OneCase);
        comparison.Add([Made.Run(10), Made.Run(5), Made.Run(2)]);
        Assert.Equal((0.5, 0.2), (comparison.Ratio(1, 8).Median, comparison.Ratio(2, 8).Median));
    }

    [Fact]
    public void Run_RoundByRound_BeginsWithAnother()
    {
        var comparison = new Comparison(Three, Made.OneCase);
        List<string> order = [];
        for (int round = 0; round < 4; round++)
        {
            comparison.Run(contender =>
            {
                order.Add(contender.Name);
                return Made.Run(contender.Name == "A" ? 1 : 2);
            });
        }

        string ours = Contenders.Arrays;
        Assert.Equal<string>(["A", "B", ours, "B", ours, "A", ours, "A", "B", "A", "B", ours], order, StringComparer.Ordinal);
        Assert.Equal(1, comparison.Ratio(0, 8).Median);
        Assert.Equal(2, comparison.Ratio(1, 8).Median);
    }

    [Fact]
    public void Add_OneMeasuredOtherSizes_IsRefused()
    {
        var comparison = new Comparison(Three, Made.OneCase);
        PeersException error = Assert.Throws<PeersException>(() => comparison.Add([Made.Run(1, 2), Made.Run(1, 2), Made.Run(1)]));
        Assert.Equal("ours, arrays: it measured the sizes 8, expected 8, 64.", error.Message);
    }
}
