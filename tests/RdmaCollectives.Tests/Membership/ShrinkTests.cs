namespace RdmaCollectives.Tests.Membership;

public sealed class ShrinkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static TheoryData<int, int> Victims()
    {
        var data = new TheoryData<int, int>();
        foreach (int ranks in (int[])[2, 3, 4, 7])
        {
            for (int victim = 0; victim < ranks; victim++)
            {
                data.Add(ranks, victim);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Victims))]
    public void Shrink_AfterADeathInTheMiddleOfCalls_SurvivorsGoOn(int count, int victim)
    {
        using var ranks = new LocalRanks(count);
        var results = new ShrinkResult?[count];
        LocalRanks.Each(count, rank =>
        {
            Communicator communicator = ranks.Communicators[rank];
            if (rank == victim)
            {
                LocalRanks.Exercise(communicator, 20);
                ranks.Kill(rank);
                return;
            }

            Assert.Throws<CommunicatorFaultException>(() => LocalRanks.Exercise(communicator, 1000));
            results[rank] = ranks.Own(communicator.Shrink(Patience));
            LocalRanks.Exercise(results[rank]!.Communicator, 100);
        });

        int[] survivors = [.. Enumerable.Range(0, count).Where(rank => rank != victim)];
        foreach (ShrinkResult result in results.OfType<ShrinkResult>())
        {
            Assert.Equal(2, result.Epoch);
            Assert.Equal(survivors, result.Survivors.Select(survivor => survivor.OldRank));
            Assert.Equal(Enumerable.Range(0, count - 1), result.Survivors.Select(survivor => survivor.Rank));
            Assert.All(result.Survivors, survivor => Assert.InRange(survivor.CompletedSequence, 19UL, 21UL));
            Assert.Equal(result.Survivors.Min(survivor => survivor.CompletedSequence), result.LowestCompleted);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Shrink_AfterAnAbort_KeepsAllRanks(int count)
    {
        using var ranks = new LocalRanks(count);
        LocalRanks.Each(count, rank =>
        {
            Communicator communicator = ranks.Communicators[rank];
            if (rank == 1)
            {
                LocalRanks.Exercise(communicator, 3);
                communicator.Abort(); // which may overtake the end of the third call on others
            }

            Assert.Throws<CommunicatorFaultException>(() => LocalRanks.Exercise(communicator, 1000));
            ShrinkResult result = ranks.Own(communicator.ShrinkAsync(Patience).GetAwaiter().GetResult());
            Assert.Equal(count, result.Communicator.WorldSize);
            Assert.Equal(rank, result.Communicator.Rank);
            communicator.Dispose(); // before the new one is used
            LocalRanks.Exercise(result.Communicator, 100);
        });
    }

    [Fact]
    public void Shrink_AgainAndAgain_DownToOneRank()
    {
        const int Count = 5;
        using var ranks = new LocalRanks(Count);
        LocalRanks.Each(Count, rank =>
        {
            Communicator communicator = ranks.Communicators[rank];
            for (int victim = 0; victim < Count - 1; victim++)
            {
                if (rank == victim)
                {
                    LocalRanks.Exercise(communicator, 10);
                    ranks.Kill(rank);
                    return;
                }

                Assert.ThrowsAny<CollectiveException>(() => LocalRanks.Exercise(communicator, 1000));
                Communicator before = communicator;
                ShrinkResult result = ranks.Own(before.Shrink(Patience));
                communicator = result.Communicator;
                Assert.Equal(victim + 2, communicator.Epoch);
                Assert.Equal(Count - 1 - victim, communicator.WorldSize);
            }

            LocalRanks.Exercise(communicator, 10);
        });
    }

    [Fact]
    public void Shrink_OfARankThatDoesNotCall_LeavesItOutAndTellsIt()
    {
        const int Count = 3;
        using var ranks = new LocalRanks(Count);
        ranks.Communicators[0].Abort();
        LocalRanks.Each(2, rank =>
        {
            ShrinkResult result = ranks.Own(ranks.Communicators[rank].Shrink(TimeSpan.FromMilliseconds(500)));
            Assert.Equal(2, result.Communicator.WorldSize);
            LocalRanks.Exercise(result.Communicator, 10);
        });
        var late = Assert.Throws<CommunicatorFaultException>(() => ranks.Communicators[2].Shrink(Patience));
        Assert.Equal(Error.Excluded, late.Reason);
        Assert.Contains("ranks 0 and 1 of 3 went on without it in epoch 2", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shrink_OfAMinority_FindsNoQuorumAndMayBeCalledAgain()
    {
        const int Count = 3;
        using var ranks = new LocalRanks(Count);
        ranks.Communicators[2].Abort();
        var alone = Assert.Throws<CommunicatorFaultException>(() => ranks.Communicators[0].Shrink(TimeSpan.FromMilliseconds(300)));
        Assert.Equal(Error.NoQuorum, alone.Reason);
        Assert.Contains("rank 0 is 1 of 3 that are not known dead", alone.Message, StringComparison.Ordinal);
        Assert.Contains("Ranks 1 and 2 were not heard of", alone.Message, StringComparison.Ordinal);
        LocalRanks.Each(Count, rank => LocalRanks.Exercise(ranks.Own(ranks.Communicators[rank].Shrink(Patience)).Communicator, 10));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Shrink_OfTwoOfWhichOneDoesNotCall_NeverMakesTwoGroups(int caller)
    {
        using var ranks = new LocalRanks(2);
        ranks.Communicators[0].Abort();
        Exception? error = Record.Exception(() => ranks.Own(ranks.Communicators[caller].Shrink(TimeSpan.FromMilliseconds(300))));
        Assert.Equal(caller == 0 ? null : Error.NoQuorum, (error as CommunicatorFaultException)?.Reason);
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(7, 3)]
    public void Shrink_WhileMoreRanksDie_EndsWithTheLiving(int count, int more)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            int[] victims = [.. Enumerable.Range(0, count).OrderBy(_ => random.Next()).Take(more + 1)];
            int[] delays = [.. victims.Select(_ => random.Next(0, 3))];
            using var ranks = new LocalRanks(count);
            var sizes = new int[count];
            LocalRanks.TryEach(count, rank =>
            {
                Communicator communicator = ranks.Communicators[rank];
                int place = Array.IndexOf(victims, rank);
                if (place >= 0)
                {
                    if (place > 0)
                    {
                        Assert.ThrowsAny<CollectiveException>(() => LocalRanks.Exercise(communicator, 10_000));
                        ThreadPool.UnsafeQueueUserWorkItem(
                            _ =>
                            {
                                Thread.Sleep(delays[place]);
                                ranks.Kill(rank);
                            },
                            null);
                        ranks.Own(communicator.Shrink(Patience));
                    }

                    ranks.Kill(rank);
                    return;
                }

                while (true)
                {
                    try
                    {
                        LocalRanks.Exercise(communicator, 100);
                        sizes[rank] = communicator.WorldSize;
                        if (communicator.WorldSize == count - victims.Length)
                        {
                            return;
                        }
                    }
                    catch (CollectiveException)
                    {
                        communicator = ranks.Own(communicator.Shrink(Patience)).Communicator;
                    }
                }
            });
            Assert.All(Enumerable.Range(0, count).Except(victims), rank => Assert.True(sizes[rank] == count - victims.Length, $"seed {seed}: rank {rank} ended with {sizes[rank]} ranks; victims {string.Join(' ', victims)}"));
        }
    }

    [Fact]
    public void Shrink_OfAHealthyCommunicator_IsRefused()
    {
        using var ranks = new LocalRanks(2);
        Assert.Contains("no fault", Assert.Throws<InvalidOperationException>(() => ranks.Communicators[0].Shrink()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ranks.Communicators[0].Shrink(TimeSpan.Zero));
        ranks.Communicators[0].Abort();
        LocalRanks.Each(2, rank => ranks.Own(ranks.Communicators[rank].Shrink(Patience)));
        Assert.Contains("succeeded", Assert.Throws<InvalidOperationException>(() => ranks.Communicators[0].Shrink()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ShrinkAsync_Canceled_MayBeCalledAgain()
    {
        using var ranks = new LocalRanks(2);
        ranks.Communicators[0].Abort();
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        Assert.ThrowsAny<OperationCanceledException>(() => ranks.Communicators[1].ShrinkAsync(Patience, source.Token).GetAwaiter().GetResult());
        LocalRanks.Each(2, rank => LocalRanks.Exercise(ranks.Own(ranks.Communicators[rank].Shrink(Patience)).Communicator, 10));
    }
}
