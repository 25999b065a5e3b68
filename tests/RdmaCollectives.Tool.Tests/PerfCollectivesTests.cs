using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Tests;

/// <summary>Each collective of <c>rdmacc perf</c> on ranks in one process: that its call does what its pieces say, and that anything else is counted.</summary>
public unsafe class PerfCollectivesTests
{
    private static readonly int[] RankCounts = [1, 2, 3, 5];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Count_TheCallAsItIs_NothingIsWrong(string name, int ranks)
    {
        PerfCollective collective = PerfCollectives.Find(name)!;
        foreach (string? algorithm in collective.Algorithms.Select(schedule => schedule.Name).Prepend(null))
        {
            foreach (int root in (int[])[0, ranks - 1])
            {
                Assert.Equal(0, Run(new PerfRun(collective, algorithm), ranks, root, 2048));
            }
        }
    }

    /// <summary>As <c>--rotate</c> measures: first call, warm-up, timed calls, and the check of the last of them and of fresh ones.</summary>
    [Theory]
    [InlineData("reduce", 4, false)]
    [InlineData("broadcast", 4, false)]
    [InlineData("gather", 4, false)]
    [InlineData("scatter", 4, false)]
    [InlineData("sendrecv", 4, true)]
    public void Measure_WithRotate_EveryTurnComesAndNothingIsWrong(string name, int ranks, bool isRing)
    {
        PerfCollective collective = PerfCollectives.Find(name)!;
        List<int> turns = [];
        PerfCollective watched = collective with
        {
            Call = one =>
            {
                if (one.Rank == 0)
                {
                    turns.Add(isRing ? one.Next : one.Root);
                }

                collective.Call(one);
            },
        };
        long wrong = MeasureRotated(new PerfRun(watched, null), ranks);
        Assert.Equal(0, wrong);
        int[] expected = isRing ? [1, 2, 3] : [1, 2, 3, 0];
        Assert.Equal(Enumerable.Range(0, expected.Length + 2).Select(i => expected[i % expected.Length]), turns.Take(expected.Length + 2));
    }

    [Theory]
    [MemberData(nameof(CasesThatChangeSomething))]
    public void Count_TheCallDoesNothing_EveryElementIsWrong(string name, int ranks)
    {
        PerfCollective collective = PerfCollectives.Find(name)!;
        long wrong = Run(new PerfRun(collective with { Call = _ => { } }, null), ranks, root: 0, 2048);
        long blocks = collective.Parts(ranks) * 4L, total = 2048 / blocks * blocks / 4;
        Assert.True(wrong >= total - 1, $"{wrong} of {total} at least.");
    }

    [Theory]
    [InlineData("all_gather")]
    [InlineData("reduce")]
    [InlineData("scatter")]
    public void Count_OneByteBehindTheResult_IsWrong(string name)
    {
        PerfCollective collective = PerfCollectives.Find(name)!;
        PerfCollective careless = collective with
        {
            Parts = _ => 8, // the last of eight parts of the buffer is nobody's
            Expected = one => collective.Expected!(one).Select(piece => piece with { Count = Math.Min(piece.Count, one.Total / 8) }).Take(1),
            Call = one =>
            {
                collective.Call(one);
                one.Buffer[(one.Total * one.ElementSize) - 1] = 0;
            },
        };
        Assert.True(Run(new PerfRun(careless, null), ranks: 2, root: 0, 2048) > 0);
    }

    [Fact]
    public void Count_BarrierThatNobodyWaitsIn_IsEarly()
    {
        PerfCollective barrier = PerfCollectives.Find("barrier")!;
        Assert.True(Run(new PerfRun(barrier with { Call = _ => { } }, null), ranks: 3, root: 0, 0) > 0);
    }

    [Theory]
    [InlineData("all_reduce", 1.5)]
    [InlineData("reduce", 1)]
    [InlineData("broadcast", 1)]
    [InlineData("all_gather", 0.75)]
    [InlineData("reduce_scatter", 0.75)]
    [InlineData("all_to_all", 0.75)]
    [InlineData("gather", 0.75)]
    [InlineData("scatter", 0.75)]
    [InlineData("sendrecv", 1)]
    public void BusFactor_FourRanks_IsThatOfNcclTests(string name, double expected) => Assert.Equal(expected, PerfCollectives.Find(name)!.BusFactor(4));

    [Theory]
    [InlineData("all_reduce", 3, "8 9 100", "8 100")]
    [InlineData("all_gather", 3, "8 16 100", "12 96")]
    [InlineData("group", 3, "8 200", "64 192")]
    [InlineData("barrier", 3, "8 200", "0")]
    public void Sizes_OfABlockPerRank_AreWholeElementsOfEach(string name, int ranks, string asked, string expected)
    {
        // What SizeList gives is whole elements already.
        long[] sizes = [.. asked.Split(' ').Select(long.Parse).Select(size => size - (size % 4))];
        Assert.Equal(expected.Split(' ').Select(long.Parse), new PerfRun(PerfCollectives.Find(name)!, null).Sizes(TestOptions.With(sizes: sizes), ranks));
    }

    [Fact]
    public void Shares_ToAndFrom_AreEachOthersCounterpart()
    {
        const int Ranks = 5;
        foreach (long total in (long[])[0, 1, 7, 100, 1L << 38])
        {
            Shares[] to = [.. Enumerable.Range(0, Ranks).Select(rank => Shares.To(total, Ranks, rank))];
            for (int rank = 0; rank < Ranks; rank++)
            {
                var from = Shares.From(total, Ranks, rank);
                Assert.Equal(Enumerable.Range(0, Ranks).Select(source => to[source].Count(rank)), Enumerable.Range(0, Ranks).Select(from.Count));
                Assert.Equal(total, Enumerable.Range(0, Ranks).Sum(to[rank].Count));
                Assert.Equal(total, from.Offset(Ranks - 1) + from.Count(Ranks - 1));
            }
        }

        Assert.Equal([1, 2, 3, 4, 5], Enumerable.Range(0, Ranks).Select(Shares.Growing(15, Ranks).Count));
    }

    public static TheoryData<string, int> Cases() => CasesWhere((_, _) => true);

    /// <summary>Not the barrier, which moves nothing, and not one rank that gets its own buffer in place.</summary>
    public static TheoryData<string, int> CasesThatChangeSomething() => CasesWhere((collective, ranks) => collective.HasSize && (ranks > 1 || collective.Forms != Forms.InPlace));

    private static TheoryData<string, int> CasesWhere(Func<PerfCollective, int, bool> isWanted)
    {
        var data = new TheoryData<string, int>();
        foreach (PerfCollective collective in PerfCollectives.All)
        {
            foreach (int ranks in RankCounts.Where(ranks => isWanted(collective, ranks)))
            {
                data.Add(collective.Name, ranks);
            }
        }

        return data;
    }

    /// <summary>Wrong elements of all forms together, with the first root at rank 1.</summary>
    private static long MeasureRotated(PerfRun run, int ranks)
    {
        PerfOptions options = TestOptions.With(root: run.Collective.HasRoot ? 1 : 0, sizes: 2048) with { Rotate = true };
        List<PerfResult> results = [];
        using LocalGroup group = Communicator.CreateLocalGroup(ranks);
        group.Run(communicator =>
        {
            using var send = new PerfBuffer(communicator, BufferKind.Array, 2048);
            using var receive = new PerfBuffer(communicator, BufferKind.Array, 2048);
            new Measurement(communicator, options, run, send, receive).Run(_ => { }, some =>
            {
                if (communicator.Rank == 0)
                {
                    results.AddRange(some);
                }
            });
        });
        Assert.NotEmpty(results);
        return results.Sum(result => result.Wrong ?? throw new InvalidOperationException("Nobody looked."));
    }

    /// <summary>Wrong elements of all ranks and forms together.</summary>
    private static long Run(PerfRun run, int ranks, int root, long bytes)
    {
        long unit = run.Collective.Parts(ranks) * (long)sizeof(float), wrong = 0;
        PerfOptions options = TestOptions.With(root: root);
        using LocalGroup group = Communicator.CreateLocalGroup(ranks);
        group.Run(communicator =>
        {
            using var send = new PerfBuffer(communicator, BufferKind.Array, bytes);
            using var receive = new PerfBuffer(communicator, BufferKind.Array, bytes);
            foreach (Forms form in run.Collective.FormsOf(Placement.Both))
            {
                using var one = new PerfCase(communicator, options, run, bytes - (bytes % unit), form, send, receive);
                var check = new Check(communicator, options.DataType, run.Collective.IsReducing ? options.Reduction : null);
                check.Fill(one);
                Check.Poison(one);
                if (!TryCall(one))
                {
                    return;
                }

                long counted = check.Count(one) ?? throw new InvalidOperationException("Ranks of one process have one clock.");
                if (communicator.Rank == 0)
                {
                    wrong += counted;
                }
            }
        });
        return wrong;
    }

    /// <summary>Algorithms that do not run with so many ranks are refused, by all of them.</summary>
    private static bool TryCall(PerfCase one)
    {
        try
        {
            one.Call();
            return true;
        }
        catch (ArgumentException) when (one.Options.Algorithm is not null)
        {
            return false;
        }
    }
}
