using RdmaCollectives.Planning;
using RdmaCollectives.Schedules;
using RdmaCollectives.Topology;

namespace RdmaCollectives.Tests.Planning;

/// <summary>Worlds in which not every pair of ranks is connected: whatever algorithm the table takes for a call finds its connections on every rank, or the call is refused on all alike.</summary>
public sealed class LargeWorldTests
{
    private const int Channels = 2;

    public static TheoryData<int> RankCounts => [65, 71, 72, 96, 100, 127, 128, 129, 200, 257];

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Choose_AnyCall_TakesNoAlgorithmThatLacksAConnection(int ranks)
    {
        var schedules = new ScheduleSet([]);
        var lacking = new SortedSet<string>(StringComparer.Ordinal);
        int chosen = 0;
        foreach (CollectiveKind collective in Enum.GetValues<CollectiveKind>())
        {
            foreach (ulong count in (ulong[])[1, 1000, 5000, 20_000, 200_000, 50_000_000])
            {
                foreach (PlanDemands demands in (PlanDemands[])[PlanDemands.None, PlanDemands.RankOrder, PlanDemands.FixedTree, PlanDemands.VariableBlocks])
                {
                    foreach (int root in (int[])[0, 1, ranks / 2, ranks - 1])
                    {
                        var key = new PlanKey(collective, sizeof(float), count, root, demands);
                        try
                        {
                            (ISchedule schedule, Shape shape) = AlgorithmTable.Choose(key, schedules, new Shape(ranks, root, Channels, LocalRanks: 1), slots: 8, overSharedMemory: false);
                            chosen++;
                            if (Missing(schedule, shape) is { } missing)
                            {
                                lacking.Add($"{collective} of {count} elements from {root}, {demands}: '{schedule.Name}' has none {missing}");
                            }
                        }
                        catch (ArgumentException refused)
                        {
                            Assert.Contains("beyond 64 ranks", refused.Message, StringComparison.Ordinal); // by the call alone, so on all ranks
                        }
                    }
                }
            }
        }

        Assert.True(chosen > 100, $"{chosen}");
        Assert.True(lacking.Count == 0, string.Join('\n', lacking));
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void ChannelsBetween_TheFixedTree_HasItsEdges(int ranks) => FixedTree.Evaluate(ranks, rank => rank, (left, right) =>
    {
        Assert.True(ConnectionTable.ChannelsBetween(left, right, ranks, 1) > 0 && ConnectionTable.ChannelsBetween(right, left, ranks, 1) > 0, $"{left} and {right}");
        return left;
    });

    [Fact]
    public void ChannelsBetween_ALargeWorld_AreOfFewRanksOnly()
    {
        foreach (int ranks in (int[])[65, 100, 1000])
        {
            for (int rank = 0; rank < ranks; rank++)
            {
                int connected = Enumerable.Range(0, ranks).Count(peer => peer != rank && ConnectionTable.ChannelsBetween(rank, peer, ranks, 1) > 0);
                Assert.InRange(connected, 2, 4 * (int)Math.Ceiling(Math.Log2(ranks)));
            }
        }
    }

    private static string? Missing(ISchedule schedule, Shape shape)
    {
        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            for (int index = 0; index < schedule.StepCount(shape, rank); index++)
            {
                Step step = schedule.GetStep(shape, rank, index);
                foreach (int peer in (int[])[step.SendPeer, step.ReceivePeer])
                {
                    if (peer >= 0 && ConnectionTable.ChannelsBetween(rank, peer, shape.Ranks, Channels) <= step.Channel)
                    {
                        return $"between {rank} and {peer} on channel {step.Channel}";
                    }
                }
            }
        }

        return null;
    }
}
