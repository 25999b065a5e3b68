using RdmaCollectives.Bootstrap;
using RdmaCollectives.Tests.Execution;

namespace RdmaCollectives.Tests.Membership;

public sealed class GrowTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    public void Grow_WithNewcomers_TakesThemInBehindTheOthers(int count, int newcomers)
    {
        using var ranks = new LocalRanks(count);
        Task<Exception?>[] joining = [.. Enumerable.Range(0, newcomers).Select(_ => Join(ranks, communicator =>
        {
            Assert.Equal(count + newcomers, communicator.WorldSize);
            Assert.InRange(communicator.Rank, count, count + newcomers - 1);
            Assert.Equal(2, communicator.Epoch);
            LocalRanks.Exercise(communicator, 100);
        }))];
        LocalRanks.Each(count, rank =>
        {
            LocalRanks.Exercise(ranks.Communicators[rank], 5);
            Communicator grown = ranks.Own(ranks.Communicators[rank].Grow(newcomers, Patience)!);
            Assert.Equal(rank, grown.Rank);
            Assert.Equal(2, grown.Epoch);
            LocalRanks.Exercise(grown, 100);
            LocalRanks.Exercise(ranks.Communicators[rank], 5); // the old one is as it was
        });
        Assert.All(joining, task => Assert.Null(Deadline.Wait(task)));
    }

    [Fact]
    public void Grow_WithNobodyWaiting_IsNull()
    {
        using var ranks = new LocalRanks(3);
        LocalRanks.Each(3, rank =>
        {
            Assert.Null(ranks.Communicators[rank].Grow());
            Assert.Null(ranks.Communicators[rank].GrowAsync().GetAwaiter().GetResult());
            LocalRanks.Exercise(ranks.Communicators[rank], 5);
        });
    }

    [Fact]
    public void Grow_OfTooFewNewcomers_ThrowsOnAllAndTheCommunicatorGoesOn()
    {
        using var ranks = new LocalRanks(2);
        LocalRanks.Each(2, rank =>
        {
            var few = Assert.Throws<RendezvousException>(() => ranks.Communicators[rank].Grow(1, TimeSpan.FromMilliseconds(200)));
            Assert.Contains("0 of at least 1 newcomers came within 0.2 s", few.Message, StringComparison.Ordinal);
            LocalRanks.Exercise(ranks.Communicators[rank], 5);
        });
    }

    [Fact]
    public void Grow_AfterShrink_AndShrinkAfterGrow()
    {
        using var ranks = new LocalRanks(3);
        Task<Exception?> newcomer = Join(ranks, communicator =>
        {
            Assert.Equal(2, communicator.Rank);
            Assert.ThrowsAny<CollectiveException>(() => LocalRanks.Exercise(communicator, 10_000));
            ShrinkResult result = ranks.Own(communicator.Shrink(Patience));
            Assert.Equal([0, 2], result.Survivors.Select(survivor => survivor.OldRank));
            LocalRanks.Exercise(result.Communicator, 100);
        });
        LocalRanks.Each(3, rank =>
        {
            Communicator communicator = ranks.Communicators[rank];
            if (rank == 0)
            {
                ranks.Kill(0);
                return;
            }

            Assert.ThrowsAny<CollectiveException>(() => LocalRanks.Exercise(communicator, 10_000));
            communicator = ranks.Own(communicator.Shrink(Patience)).Communicator;
            communicator = ranks.Own(communicator.Grow(1, Patience)!);
            Assert.Equal((3, 3), (communicator.WorldSize, communicator.Epoch));
            if (rank == 2)
            {
                LocalRanks.Exercise(communicator, 20);
                ranks.Kill(2);
                return;
            }

            Assert.ThrowsAny<CollectiveException>(() => LocalRanks.Exercise(communicator, 10_000));
            communicator = ranks.Own(communicator.Shrink(Patience)).Communicator;
            LocalRanks.Exercise(communicator, 100);
        });
        Assert.Null(Deadline.Wait(newcomer));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Grow_WhileAMemberDies_ThrowsOnAllAndShrinkGoesOn(int victim)
    {
        for (int delay = 0; delay < 5; delay++)
        {
            int pause = delay;
            using var ranks = new LocalRanks(3);
            var sizes = new int[3];
            Task<Exception?> newcomer = Join(ranks, communicator => Survive(ranks, communicator, _ => { }));
            LocalRanks.TryEach(3, rank =>
            {
                if (rank == victim)
                {
                    new Thread(() =>
                    {
                        Thread.Sleep(pause);
                        ranks.Kill(victim);
                    })
                    { IsBackground = true }.Start();
                }

                Communicator communicator = ranks.Communicators[rank];
                try
                {
                    communicator = ranks.Own(communicator.Grow(1, Patience)!);
                }
                catch (CollectiveException) when (rank != victim)
                {
                    communicator = ranks.Own(communicator.Shrink(Patience)).Communicator;
                }

                Survive(ranks, communicator, size => sizes[rank] = size);
            });
            Assert.All(Enumerable.Range(0, 3).Where(rank => rank != victim), rank => Assert.InRange(sizes[rank], 2, 3));
            ranks.Communicators[victim == 0 ? 1 : 0].Abort(); // a newcomer that was not taken in gives up when nobody is left
            ranks.LinkOf(victim == 0 ? 1 : 0).Die();
            ranks.LinkOf(victim == 2 ? 1 : 2).Die();
            Deadline.Wait(newcomer);
        }
    }

    private static void Survive(LocalRanks ranks, Communicator communicator, Action<int> done)
    {
        while (true)
        {
            try
            {
                LocalRanks.Exercise(communicator, 100);
                if (communicator.WorldSize <= 3) // the victim may die after it has grown
                {
                    done(communicator.WorldSize);
                    return;
                }
            }
            catch (CollectiveException)
            {
                communicator = ranks.Own(communicator.Shrink(Patience)).Communicator;
            }
        }
    }

    private static Task<Exception?> Join(LocalRanks ranks, Action<Communicator> body)
    {
        LocalLink link = ranks.LinkOf(0).AddNewcomer();
        return Deadline.Start(() => body(ranks.Own(CommunicatorFactory.CreateNewcomer(ranks.Options with { JoinTimeout = TimeSpan.FromSeconds(3) }, link, ranks.Fabric, CancellationToken.None))));
    }
}
