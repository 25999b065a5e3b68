using RdmaCollectives.Tool.Doctor;
using RdmaCollectives.Tool.Doctor.Pairs;

namespace RdmaCollectives.Tool.Tests.Doctor;

/// <summary>In which order pairs are measured, which of them are slow, and what shows between ranks.</summary>
public class PairsTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(16)]
    [InlineData(33)]
    public void Rounds_OfAnyNumber_EveryPairMeetsOnceAndNobodyIsInTwo(int ranks)
    {
        IReadOnlyList<IReadOnlyList<(int Low, int High)>> rounds = PairPlan.Rounds(ranks);
        (int, int)[] all = [.. rounds.SelectMany(round => round)];
        Assert.Equal(ranks * (ranks - 1) / 2, all.Length);
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.All(rounds, round => Assert.Equal(2 * round.Count, round.SelectMany(pair => (int[])[pair.Low, pair.High]).Distinct().Count()));
        Assert.All(all, pair => Assert.True(pair.Item1 < pair.Item2));
        Assert.Equal(ranks <= PairPlan.MostAlone ? 1 : ranks / 2, rounds.Max(round => round.Count));
    }

    [Theory]
    [InlineData(10, 10, true)] // 10 µs beside 4: latency
    [InlineData(4, 4.9, true)] // less than half of 10 GB/s: bandwidth
    [InlineData(8, 5.1, false)]
    public void Mark_BesideTheMedianOfItsKind_SlowIsUnderHalfOrOverTwice(double latency, double bandwidth, bool isSlow)
    {
        PairRow[] pairs = [Pair(0, 1), Pair(0, 2), Pair(1, 2, latency, bandwidth), Pair(0, 3, 40, 1, "tcp")];
        Assert.Equal([false, false, isSlow, false], SlowPairs.Mark(pairs).Select(pair => pair.IsSlow));
    }

    [Fact]
    public void Mark_OneDirectionIsSlow_ThePairIs()
    {
        PairRow[] pairs = [Pair(0, 1), Pair(0, 2), Pair(1, 2) with { BackwardGBps = 1 }];
        Finding finding = Assert.Single(SlowPairs.Judge(SlowPairs.Mark(pairs), new HashSet<int>()));
        Assert.Equal((Severity.Warning, "Ranks 1 and 2 are slow to each other over shm: 4.00 µs and 1 GB/s, where the median of 3 pairs is 4.00 µs and 10 GB/s."), (finding.Severity, finding.Text));
        Assert.Equal([1, 2], finding.Ranks);
        Assert.Equal(Severity.Note, Assert.Single(SlowPairs.Judge(SlowPairs.Mark(pairs), new HashSet<int> { 0, 1, 2 })).Severity);
    }

    [Fact]
    public void Judge_AllPairsOfOneRankOfFour_NamesTheRank()
    {
        PairRow[] pairs = [Pair(0, 1), Pair(0, 2), Pair(1, 2), Pair(0, 3, 400, 0.01), Pair(1, 3, 400, 0.01), Pair(2, 3, 400, 0.01)];
        Finding[] findings = [.. SlowPairs.Judge(SlowPairs.Mark(pairs), new HashSet<int>())];
        Assert.Equal(3, findings.Length);
        Assert.All(findings, finding => Assert.Contains("All shm pairs of rank 3 are slow", finding.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Judge_TwoPairs_SaysThatTheyAreTooFew()
    {
        Finding finding = Assert.Single(SlowPairs.Judge(SlowPairs.Mark([Pair(0, 1), Pair(0, 2, 4000, 0.001)]), new HashSet<int>()));
        Assert.Equal((Severity.Ok, true), (finding.Severity, finding.Text.Contains("too few pairs", StringComparison.Ordinal)));
    }

    [Fact]
    public void Compare_OneHostWithoutSharedMemory_IsAWarning()
    {
        Finding finding = Of("transports", [Rank("a", ["", "tcp", "shm"]), Rank("a", ["tcp", "", "tcp"]), Rank("a", ["shm", "tcp", ""])]);
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.StartsWith("Ranks of one host that share no memory, 0 and 1, 1 and 2: they talk over tcp.", finding.Text, StringComparison.Ordinal);
        Assert.Equal([0, 1, 2], finding.Ranks);
        Assert.Equal(Severity.Ok, Of("transports", [Rank("a", ["", "tcp"]), Rank("a", ["tcp", ""])], allowed: "tcp").Severity);
        Assert.Equal(Severity.Ok, Of("transports", [Rank("a", ["", "tcp"]), Rank("b", ["tcp", ""])]).Severity);
    }

    [Fact]
    public void Compare_RdmaOnBothAndTcpBetween_IsAWarning()
    {
        RankFacts[] facts = [Rank("a", ["", "tcp"]) with { HasActiveRdma = true }, Rank("b", ["tcp", ""]) with { HasActiveRdma = true }];
        Assert.Contains("active RDMA ports that talk over TCP: 0 and 1", Of("transports", facts).Text, StringComparison.Ordinal);
        Assert.Equal(Severity.Ok, Of("transports", facts, allowed: "tcp").Severity);
    }

    [Fact]
    public void Compare_MoreRanksThanProcessors_IsSaid()
    {
        Assert.Equal("Ranks 0 and 1 share 1 processor of a: waits sleep in place of spinning, and latency rises.", Of("processors", [Rank("a", ["", "shm"]) with { Processors = 1 }, Rank("a", ["shm", ""]) with { Processors = 1 }]).Text);
        Assert.DoesNotContain(BetweenRanks.Judge([Rank("a", ["", "shm"]), Rank("a", ["shm", ""])], "auto"), finding => finding.Check == "processors");
    }

    private static PairRow Pair(int low, int high, double latency = 4, double bandwidth = 10, string transport = "shm") =>
        new() { Low = low, High = high, Transport = transport, LatencyUs = latency, ForwardGBps = bandwidth, BackwardGBps = bandwidth };

    private static RankFacts Rank(string machine, string[] transports) =>
        new() { Host = machine, Machine = machine, View = machine, Processors = 64, HasActiveRdma = false, Transports = transports };

    private static Finding Of(string check, RankFacts[] facts, string allowed = "auto") => BetweenRanks.Judge(facts, allowed).Single(finding => finding.Check == check);
}
