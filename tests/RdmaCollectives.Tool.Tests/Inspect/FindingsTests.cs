using RdmaCollectives.Tool.Inspect;

namespace RdmaCollectives.Tool.Tests.Inspect;

/// <summary>What inspect says of dumps that were made by hand, so that who is to blame is known. The clocks of the ranks are hours apart.</summary>
public class FindingsTests
{
    private const long Hour = 3_600_000_000_000;

    [Fact]
    public void AllIsWell_NothingIsSaid()
    {
        DumpBuilder[] ranks = Ranks(4);
        for (int call = 0; call < 20; call++)
        {
            foreach ((int rank, DumpBuilder dump) in ranks.Index())
            {
                int late = (rank + call) % 4; // each is a little later than others now and then
                dump.Call((1000 * call) + (10 * late), (1000 * call) + 500, awaited: (rank + 3) % 4, waited: 300 - (10 * late));
            }
        }

        Assert.Empty(Of(ranks));
    }

    [Fact]
    public void OneRankEntersLate_ItIsNamedWithItsCall()
    {
        DumpBuilder[] ranks = Ranks(4);
        foreach ((int rank, DumpBuilder dump) in ranks.Index())
        {
            dump.Call(0, 900).Call(rank == 3 ? 12_301_000 : 1000 + rank, 12_400_000, awaited: (rank + 3) % 4, waited: rank == 3 ? 0 : 12_300_000).Call(12_500_000, 12_600_000);
        }

        Finding late = Assert.Single(Of(ranks));
        Assert.Equal("Rank 3 entered #2 AllReduce(Float32, Sum, 4194304 elements = 16 MiB) 12.3 s after the first (rank 0); the others waited.", late.Text);
        Assert.Equal(("late", 3, 2ul, 12_300_000_000), (late.Kind, Assert.Single(late.Ranks), late.Sequence, late.Nanoseconds));
    }

    [Fact]
    public void OneRankNeverEnters_ItIsNamedWithWhatItDoes()
    {
        DumpBuilder[] ranks = Ranks(3);
        foreach ((int rank, DumpBuilder dump) in ranks.Index())
        {
            dump.Call(0, 900);
            if (rank == 2)
            {
                dump.Call(1000, null, awaited: 1, what: "Broadcast(Int32, 5 elements, root 0)", bytes: 20);
            }
            else
            {
                dump.Call(1000, 1500, what: "Broadcast(Int32, 5 elements, root 0)", bytes: 20).Call(2000, null, awaited: 2, waited: 90_000_000);
            }
        }

        Finding finding = Assert.Single(Of(ranks));
        Assert.Equal("never-entered", finding.Kind);
        Assert.Equal("Rank 2 never entered #3 AllReduce(Float32, Sum, 4194304 elements = 16 MiB); ranks 0 and 1 did, the first 100 s before the dump. It was in #2 Broadcast(Int32, 5 elements, root 0), for 100 s, waiting for rank 1.", finding.Text);
    }

    [Fact]
    public void OneRankStaysAway_ItsLastCallIsNamed()
    {
        DumpBuilder[] ranks = Ranks(3);
        foreach ((int rank, DumpBuilder dump) in ranks.Index())
        {
            dump.Call(0, 900);
            if (rank != 1)
            {
                dump.Call(2000, null);
            }
        }

        Assert.Contains("Its last call, #1 AllReduce(Float32, Sum, 4194304 elements = 16 MiB), had ended 100 s before: the program was busy with something else.", Assert.Single(Of(ranks)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void DumpsAreWrittenOneAfterTheOther_NobodyIsMissedForThat()
    {
        DumpBuilder[] ranks = Ranks(2);
        ranks[0].DumpedAt = 5000;
        ranks[0].Call(0, 900).Call(1000, 1900);
        ranks[1].Call(0, 900).Call(1000, 1900).Call(6000, 6900).Call(7000, null);
        Assert.Empty(Of(ranks));
    }

    [Fact]
    public void OneRankMakesAnotherCall_BothAreNamed()
    {
        DumpBuilder[] ranks = Ranks(3);
        foreach ((int rank, DumpBuilder dump) in ranks.Index())
        {
            dump.Fault("Mismatch", 1, "Ranks 0 and 1 made calls that do not go together.").Call(0, 900);
            _ = rank == 1 ? dump.Call(1000, null, what: "AllReduce(Float32, Sum, 8 elements)", bytes: 32, hash: "bb") : dump.Call(1000, null);
        }

        Finding[] findings = Of(ranks);
        Assert.Equal(["fault", "mismatch"], findings.Select(finding => finding.Kind), StringComparer.Ordinal);
        Assert.Equal("The communicator is at fault (Mismatch): Ranks 0 and 1 made calls that do not go together. So say the dumps of ranks 0, 1 and 2.", findings[0].Text);
        Assert.Equal("The calls under #2 do not go together: ranks 0 and 2 made #2 AllReduce(Float32, Sum, 4194304 elements = 16 MiB) (by ring); rank 1 made #2 AllReduce(Float32, Sum, 8 elements) (by ring).", findings[1].Text);
    }

    [Fact]
    public void DumpsAreMissing_TheirRanksAreNamed()
    {
        DumpBuilder[] ranks = [.. Ranks(20).Where((_, rank) => rank is not (3 or 7))];
        Assert.Equal("There is no dump of ranks 3 and 7: they died, stood still, or the file was not named here; what follows is about the others.", Assert.Single(Of(ranks)).Text);
    }

    [Fact]
    public void OneRankIsAlwaysLast_ItIsTheStraggler()
    {
        DumpBuilder[] ranks = Ranks(3);
        for (int call = 0; call < 100; call++)
        {
            foreach ((int rank, DumpBuilder dump) in ranks.Index())
            {
                bool isLate = rank == (call % 10 == 0 ? 0 : 1);
                dump.Call((10_000 * call) + (isLate ? 800 : rank), (10_000 * call) + 2000, awaited: isLate ? null : 1, waited: isLate ? 0 : 700);
            }
        }

        Finding finding = Assert.Single(Of(ranks));
        Assert.Equal(("often-late", 1, 90), (finding.Kind, Assert.Single(finding.Ranks), finding.Calls));
        Assert.StartsWith("Rank 1 was the last to enter in 90 of 100 calls, 798 µs after the one before it on average", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void TwoRanksWaitForEachOther_TheirLinkIsSlow()
    {
        DumpBuilder[] ranks = Ranks(4);
        for (int call = 0; call < 50; call++)
        {
            foreach ((int rank, DumpBuilder dump) in ranks.Index())
            {
                // A ring: each waits for the one before it; rank 1 gets no credit from rank 2, which gets its data late.
                (int awaited, long waited) = rank switch { 1 => (2, 2500), 2 => (1, 2600), _ => ((rank + 3) % 4, 1200) };
                dump.Call((10_000 * call) + (10 * ((rank + call) % 4)), (10_000 * call) + 3000, awaited, waited);
            }
        }

        Finding finding = Assert.Single(Of(ranks));
        Assert.Equal(("slow-link", 50), (finding.Kind, finding.Calls));
        Assert.Equal([1, 2], finding.Ranks);
    }

    /// <summary>The two of the long call wait for each other longest in more calls than any other two, and most of all waiting is theirs: only that it was one call speaks for their link.</summary>
    [Fact]
    public void OneCallTookLong_NoLinkIsBlamed()
    {
        DumpBuilder[] ranks = Ranks(4);
        for (int call = 0; call < 48; call++)
        {
            foreach ((int rank, DumpBuilder dump) in ranks.Index())
            {
                // A ring in which each link is the slowest in its turn; in one call ranks 0 and 1 stood still.
                bool stoodStill = call == 21 && rank < 2;
                dump.Call(10_000 * call, (10_000 * call) + (stoodStill ? 9000 : 300), stoodStill ? 1 - rank : (rank + 3) % 4, stoodStill ? 8900 : (call + rank) % 4 == 3 ? 160 : 100);
            }
        }

        Assert.Empty(Of(ranks));
    }

    [Fact]
    public void OneCallTookLongElsewhere_TheSlowLinkIsNamedAllTheSame()
    {
        DumpBuilder[] ranks = Ranks(4);
        for (int call = 0; call < 50; call++)
        {
            foreach ((int rank, DumpBuilder dump) in ranks.Index())
            {
                (int awaited, long waited) = rank switch { 1 => (2, 2500), 2 => (1, 2600), 0 => (3, call == 20 ? 300_000 : 400), _ => (2, 400) };
                dump.Call(400_000 * call, (400_000 * call) + 310_000, awaited, waited);
            }
        }

        Finding finding = Assert.Single(Of(ranks));
        Assert.Equal(("slow-link", 49), (finding.Kind, finding.Calls));
        Assert.Equal([1, 2], finding.Ranks);
    }

    [Fact]
    public void TwoRanksWaitForEachOtherAMoment_NoLinkIsBlamed()
    {
        DumpBuilder[] ranks = Ranks(3);
        for (int call = 0; call < 50; call++)
        {
            foreach ((int rank, DumpBuilder dump) in ranks.Index())
            {
                dump.Call(1000 * call, (1000 * call) + 50, awaited: rank == 1 ? 2 : 1, waited: rank == 0 ? 1 : 5);
            }
        }

        Assert.Empty(Of(ranks));
    }

    [Fact]
    public void TwoRanksAreAll_TheirOnlyLinkIsNotBlamed()
    {
        DumpBuilder[] ranks = Ranks(2);
        for (int call = 0; call < 50; call++)
        {
            foreach ((int rank, DumpBuilder dump) in ranks.Index())
            {
                dump.Call(10_000 * call, (10_000 * call) + 3000, awaited: 1 - rank, waited: 2500);
            }
        }

        Assert.Empty(Of(ranks));
    }

    /// <summary>Last again and again, but: in too few calls, for too little of the time, or by too little.</summary>
    [Theory]
    [InlineData(50, 800, 0, 0)]
    [InlineData(60, 120, 20, 350)]
    [InlineData(100, 30, 0, 0)]
    public void OneRankIsOftenLast_ButNotByMuch_IsNoStraggler(int calls, int late, int callsOfOthers, int lateOfOthers)
    {
        DumpBuilder[] ranks = Ranks(3);
        for (int call = 0; call < 100; call++)
        {
            int last = call < calls ? 1 : call < calls + callsOfOthers ? 0 : 2;
            foreach ((int rank, DumpBuilder dump) in ranks.Index())
            {
                dump.Call((10_000 * call) + (rank != last ? 0 : last == 1 ? late : lateOfOthers), (10_000 * call) + 2000);
            }
        }

        Assert.Empty(Of(ranks));
    }

    [Fact]
    public void EveryCallHasARankThatIsLate_NoneStandsOut()
    {
        DumpBuilder[] ranks = Ranks(4);
        for (int call = 0; call < 20; call++)
        {
            foreach ((int rank, DumpBuilder dump) in ranks.Index())
            {
                dump.Call((10_000 * call) + (rank == call % 4 ? 2000 : 0), (10_000 * call) + 3000);
            }
        }

        Assert.Empty(Of(ranks));
    }

    /// <summary>A little late is not late, and more is not where the clocks may be as wrong.</summary>
    [Theory]
    [InlineData(900, 100_000)]
    [InlineData(15_000, 20_000_000)]
    public void OneRankEntersLateByLessThanCanBeToldOrMatters_NothingIsSaid(long late, long roundTripNs)
    {
        DumpBuilder[] ranks = Ranks(3);
        foreach ((int rank, DumpBuilder dump) in ranks.Index())
        {
            dump.RoundTripNs = roundTripNs;
            dump.Call(0, 900).Call(rank == 1 ? 100_000 + late : 100_000, 200_000);
        }

        Assert.Empty(Of(ranks));
    }

    [Fact]
    public void OneRankStaysAwayFromCallsThatDiffer_TheMismatchIsSaidAlone()
    {
        DumpBuilder[] ranks = Ranks(3);
        foreach ((int rank, DumpBuilder dump) in ranks.Index())
        {
            dump.Call(0, 900);
            if (rank < 2)
            {
                dump.Call(1000, null, hash: rank == 0 ? "aa" : "bb");
            }
        }

        Assert.Equal("mismatch", Assert.Single(Of(ranks)).Kind);
    }

    [Fact]
    public void NoClockWasMeasured_TheWallClockHasToDo()
    {
        DumpBuilder[] ranks = Ranks(3);
        ranks[2].HasClock = false;
        foreach ((int rank, DumpBuilder dump) in ranks.Index())
        {
            dump.Call(rank == 1 ? 5_000_000 : 0, 6_000_000);
        }

        Finding[] findings = Of(ranks);
        Assert.Equal(["late", "clocks"], findings.Select(finding => finding.Kind), StringComparer.Ordinal);
        Assert.Equal(5_000_000_000, findings[0].Nanoseconds);
        Assert.Equal([2], findings[1].Ranks);
    }

    [Fact]
    public void TransfersHaveNoPlaceInTheOrder_TheyAreNotCompared()
    {
        DumpBuilder[] ranks = Ranks(2);
        ranks[0].Call(0, 900).Transfer(1000, 1100).Call(1200, 1500);
        ranks[1].Call(0, 900).Call(1200, 1500);
        Assert.Empty(Of(ranks));
    }

    [Fact]
    public void DriftBetweenTwoMeasurements_IsTakenOut()
    {
        Dump other = new DumpBuilder(1, 2).Call(0, 1).Read();
        Dump drifting = other with
        {
            Clock = other.Clock with { Offsets = [new DumpOffset(0, 1000, 10, 2_000_000), new DumpOffset(0, 5000, 20, 4_000_000)] },
        };
        var time = new Timebase([drifting]);
        Assert.Equal([1_001_000L, 3_003_000L, 9_005_000L], ((long[])[1_000_000, 3_000_000, 9_000_000]).Select(t => time.Common(1, t)));
        Assert.Equal(10, time.UncertaintyNs);
    }

    private static DumpBuilder[] Ranks(int count) => [.. Enumerable.Range(0, count).Select(rank => new DumpBuilder(rank, count, rank * Hour))];

    private static Finding[] Of(IEnumerable<DumpBuilder> dumps) => [.. Findings.Of(Assert.Single(CommunicatorDumps.Group(dumps.Select(dump => dump.Read()))))];
}
