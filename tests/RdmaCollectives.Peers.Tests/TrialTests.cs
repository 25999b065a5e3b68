namespace RdmaCollectives.Peers.Tests;

public class TrialTests
{
    private static readonly Peer[] Two = [new("A", [Made.Peer("A", "bound"), Made.Peer("A", "not bound")]), new("B", [Made.Peer("B", "only")])];

    [Fact]
    public void Run_NoTrials_EachPeerKeepsItsFirstSetting()
    {
        IReadOnlyList<Tried> tried = Trial.Run(Two, 0, _ => throw new InvalidOperationException("Nothing is run."));
        Assert.Equal<string>(["bound", "only"], Chosen(tried), StringComparer.Ordinal);
    }

    [Fact]
    public void Run_TwoSettings_TheFasterInTheGeometricMeanTakesPart()
    {
        // 2 and 60 have a geometric mean of 11, 20 and 20 have one of 20, though their sum is less.
        IReadOnlyList<Tried> tried = Trial.Run(Two, 3, contender => contender.Setting == "not bound" ? Made.Run(2, 60) : Made.Run(20, 20));
        Assert.Equal<string>(["not bound", "only"], Chosen(tried), StringComparer.Ordinal);
        Assert.Equal(Math.Sqrt(400.0 / 120), tried[0].MeanRatio, 1e-9);
    }

    [Fact]
    public void Run_OneSlowTrialOfThree_DoesNotCount()
    {
        int runs = 0;
        IReadOnlyList<Tried> tried = Trial.Run(Two, 3, contender => contender.Setting == "bound" ? Made.Run(++runs == 2 ? 500 : 10) : Made.Run(20));
        Assert.Equal<string>(["bound", "only"], Chosen(tried), StringComparer.Ordinal);
    }

    [Fact]
    public void Run_ASettingThatDoesNotRunHere_IsLeftOut()
    {
        IReadOnlyList<Tried> tried = Trial.Run(Two, 1, contender => contender.Setting == "bound" ? null : Made.Run(20));
        Assert.Equal<string>(["not bound", "only"], Chosen(tried), StringComparer.Ordinal);
        Assert.False(tried[0].Runs);
    }

    [Fact]
    public void Run_NothingRunsHere_IsSaid() => Assert.Throws<PeersException>(() => Trial.Run(Two, 1, _ => null));

    [Theory]
    [InlineData(21, 21, true)]
    [InlineData(21, 20, false)] // at one size it is no more than ten times as slow
    [InlineData(19, 500, false)]
    public void Run_APeerWithoutHope_IsNotRunAgain(double first, double second, bool isHopeless)
    {
        IReadOnlyList<Tried> tried = Trial.Run(Two, 1, contender => contender.Name == "B" ? Made.Run(first, second) : Made.Run(2, 2));
        Assert.Equal((isHopeless, !isHopeless), (tried[2].IsHopeless, tried[2].IsChosen));
        Assert.True(tried[0].IsChosen);
    }

    private static string[] Chosen(IReadOnlyList<Tried> tried) => [.. tried.Where(one => one.IsChosen).Select(one => one.Setting.Setting)];
}
