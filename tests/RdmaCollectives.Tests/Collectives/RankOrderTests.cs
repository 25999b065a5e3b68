using RdmaCollectives.Schedules;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Tests.Collectives;

/// <summary>A reducer that does not commute, by every algorithm that promises the order of ranks; all others refuse it.</summary>
public sealed class RankOrderTests(LocalGroups groups) : IClassFixture<LocalGroups>
{
    public static TheoryData<CollectiveKind, string, int> Product()
    {
        var data = new TheoryData<CollectiveKind, string, int>();
        foreach (ISchedule schedule in ScheduleCatalog.All.Where(schedule => schedule.Collective is CollectiveKind.AllReduce or CollectiveKind.Reduce or CollectiveKind.ReduceScatter))
        {
            foreach (int ranks in (int[])[2, 3, 5, 6, 8])
            {
                data.Add(schedule.Collective, schedule.Name, ranks);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Product))]
    public void ReducerThatDoesNotCommute_ByEveryAlgorithm_IsInRankOrderOrRefused(CollectiveKind collective, string algorithm, int ranks)
    {
        bool isServed = ScheduleCatalog.Find(collective, algorithm)!.Traits.HasFlag(ScheduleTraits.RankOrdered);
        groups.Run(ranks, communicator =>
        {
            foreach (int count in (int[])[1, 700, 5000])
            {
                foreach (int root in (int[])[0, ranks / 2, ranks - 1])
                {
                    if (isServed)
                    {
                        Check(communicator, collective, count, root, algorithm);
                    }
                    else
                    {
                        var refused = Assert.Throws<ArgumentException>("options", () => Check(communicator, collective, count, root, algorithm));
                        Assert.Contains("order of ranks", refused.Message, StringComparison.Ordinal);
                    }
                }
            }

            communicator.Barrier();
        });
    }

    private static void Check(Communicator communicator, CollectiveKind collective, int count, int root, string algorithm)
    {
        int ranks = communicator.WorldSize;
        var options = new OperationOptions { Algorithm = algorithm };
        int all = collective == CollectiveKind.ReduceScatter ? count * ranks : count;
        Affine[] send = [.. Enumerable.Range(0, all).Select(i => Affine.Of(communicator.Rank, i))];
        Affine[] receive = new Affine[count];
        int first = 0;
        switch (collective)
        {
            case CollectiveKind.AllReduce:
                communicator.AllReduce(send, receive, default(AffineReducer), options);
                break;
            case CollectiveKind.Reduce:
                communicator.Reduce(send, receive, default(AffineReducer), root, options);
                break;
            default:
                communicator.ReduceScatter(send, receive, default(AffineReducer), options);
                first = count * communicator.Rank;
                break;
        }

        bool gets = collective != CollectiveKind.Reduce || communicator.Rank == root;
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(gets ? Enumerable.Range(0, ranks).Select(rank => Affine.Of(rank, first + i)).Aggregate(Affine.Compose) : default, receive[i]);
        }
    }
}
