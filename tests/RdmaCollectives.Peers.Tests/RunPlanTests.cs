namespace RdmaCollectives.Peers.Tests;

public class RunPlanTests
{
    private static readonly Peer[] Peers = [new("A", [Made.Peer("A", "1"), Made.Peer("A", "2")]), new("B", [Made.Peer("B") with { SecondsPerSize = 4 }])];

    /// <summary>Two trials of three settings; five rounds of two peers and ours. Three sizes, a second for each start; B takes longer.</summary>
    [Fact]
    public void Make_OneCase_CountsRunsAndTime()
    {
        RunPlan plan = RunPlan.Make(Made.Settings(), _ => Peers, _ => [Made.Ours()]);
        Assert.Equal((2 * 3) + (5 * 3), plan.Runs);
        Assert.Equal(TimeSpan.FromSeconds((14 * (1 + (3 * 0.5))) + (7 * (1 + (3 * 4)))), plan.Duration);
    }

    [Fact]
    public void Make_SeveralCases_TransportsAreOutermost()
    {
        Settings settings = Made.Settings() with { Transports = ["shm", "tcp"], Ranks = [2, 4], Collectives = ["all_reduce", "sendrecv"] };
        RunPlan plan = RunPlan.Make(settings, _ => Peers, _ => [Made.Ours()]);
        Assert.Equal<string>(
            [
                "shm, 2 ranks, all_reduce", "shm, 2 ranks, sendrecv", "shm, 4 ranks, all_reduce", "shm, 4 ranks, sendrecv",
                "tcp, 2 ranks, all_reduce", "tcp, 2 ranks, sendrecv", "tcp, 4 ranks, all_reduce", "tcp, 4 ranks, sendrecv",
            ],
            plan.Cases.Select(one => one.ToString()),
            StringComparer.Ordinal);
        Assert.Equal(8 * 21, plan.Runs);
    }

    [Theory]
    [InlineData(40, "a minute")]
    [InlineData(600, "10 minutes")]
    [InlineData(9000, "2.5 hours")]
    public void Duration_InWords_IsRounded(int seconds, string expected) => Assert.Equal(expected, Text.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("8", "1M", 8, 8, 1 << 20, 6)]
    [InlineData("12", "4k", 300, 12, 4096, 2)]
    [InlineData("1K", "1K", 2, 1024, 1024, 1)]
    public void Parse_Sizes_AreThoseOfTheTool(string begin, string end, int factor, long first, long last, int count)
    {
        var sizes = SizeRange.Parse(begin, end, factor);
        Assert.Equal((first, last, count), (sizes.Begin, sizes.End, sizes.Count));
    }

    [Theory]
    [InlineData("6", "1M")]
    [InlineData("8K", "8")]
    [InlineData("", "8")]
    [InlineData("8", "many")]
    [InlineData("-8", "8")]
    public void Parse_NoSizes_IsRefused(string begin, string end) => Assert.Equal(2, Assert.Throws<PeersException>(() => SizeRange.Parse(begin, end, 2)).ExitCode);
}
