namespace RdmaCollectives.Peers.Tests;

public class EstimateTests
{
    [Fact]
    public void Of_OneValue_HasNoInterval() => Assert.Equal(new Estimate(0.5, 0.5, 0.5), Estimate.Of([0.5]));

    [Fact]
    public void Of_EqualValues_IsThatValue() => Assert.Equal(new Estimate(2, 2, 2), Estimate.Of([2, 2, 2, 2]));

    /// <summary>A sample's median is at most k if 8 of 15 draws are: for 1 to 15 that has probability 0.42% for k = 3 and 2.55% for k = 4, so that the lower 2.5% end at 4.</summary>
    [Fact]
    public void Of_FifteenValues_LeavesOutTwoAndAHalfPercentOnEachSide() => Assert.Equal(new Estimate(8, 4, 12), Estimate.Of(Enumerable.Range(1, 15).Select(i => (double)i)));

    /// <summary>Of 2 values a sample is (1, 1), (1, 2), (2, 1) or (2, 2).</summary>
    [Fact]
    public void Of_TwoValues_IsBetweenThem() => Assert.Equal(new Estimate(1.5, 1, 2), Estimate.Of([2, 1]));

    /// <summary>For an even count, against all samples written out: 4 to the power of 4.</summary>
    [Fact]
    public void Of_FourValues_IsWhatAllSamplesTogetherSay()
    {
        double[] values = [1, 10, 100, 1000];
        double[] medians = [.. Enumerable.Range(0, 256).Select(sample => Spread.Of([values[sample & 3], values[(sample >> 2) & 3], values[(sample >> 4) & 3], values[(sample >> 6) & 3]]).Median).Order()];
        Assert.Equal(new Estimate(55, medians[(int)Math.Ceiling(0.025 * 256) - 1], medians[(int)Math.Ceiling(0.975 * 256) - 1]), Estimate.Of(values));
    }

    /// <summary>One round that a neighbour disturbed moves neither end.</summary>
    [Fact]
    public void Of_OneOutlierAmongFifteen_IsOutsideTheInterval() => Assert.Equal(new Estimate(1, 1, 1), Estimate.Of([.. Enumerable.Repeat(1.0, 14), 100]));

    [Fact]
    public void Of_ValuesInAnotherOrder_IsTheSame() => Assert.Equal(Estimate.Of([0.31, 0.7, 0.45, 0.52, 0.49, 1.2]), Estimate.Of([1.2, 0.49, 0.31, 0.45, 0.7, 0.52]));
}
