using RdmaCollectives.Planning;
using RdmaCollectives.Schedules;
using RdmaCollectives.Topology;

namespace RdmaCollectives.Tests.Planning;

public sealed class PlanCacheTests
{
    [Fact]
    public void Get_SameKey_IsTheSamePlan()
    {
        using PlanCache cache = Create();
        Plan plan = cache.Get(Key(1));
        Assert.NotSame(plan, cache.Get(Key(2)));
        Assert.Same(plan, cache.Get(Key(1)));
        Assert.Equal(2, cache.Count);
    }

    [Fact]
    public void Same_KeysThatDifferInOneMember_AreNotTheSame()
    {
        var key = new PlanKey(CollectiveKind.AllReduce, 4, 100, 1, PlanDemands.RankOrder, "ring");
        PlanKey[] others =
        [
            key with { Collective = CollectiveKind.Reduce }, key with { ElementSize = 8 }, key with { ElementCount = 101 },
            key with { Root = 0 }, key with { Demands = PlanDemands.FixedTree }, key with { Algorithm = null },
        ];
        Assert.Equal(typeof(PlanKey).GetProperties().Length, others.Length); // a new member is compared too
        Assert.All(others, other => Assert.False(PlanKey.Same(key, other)));
        Assert.True(PlanKey.Same(key, key with { Algorithm = new string(key.Algorithm) }));
    }

    [Fact]
    public void Get_ManyKeys_StaysBounded_AndTheLatestAreThere()
    {
        using PlanCache cache = Create();
        Plan? last = null;
        for (ulong count = 0; count < 1000; count++)
        {
            last = cache.Get(Key(count));
            Assert.InRange(cache.Count, 1, PlanCache.Capacity);
        }

        Assert.Same(last, cache.Get(Key(999)));
        Assert.Equal(0u, cache.Get(Key(0)).Key.ElementCount);
    }

    [Fact]
    public void Get_OfACallThatHasNoPlan_ThrowsAndChangesNothing()
    {
        using PlanCache cache = Create();
        Plan first = cache.Get(Key(0));
        for (ulong count = 1; count < PlanCache.Capacity; count++)
        {
            cache.Get(Key(count));
        }

        Assert.Same(first, cache.Get(Key(0))); // the last one, and the oldest
        Assert.Throws<ArgumentException>(() => cache.Get(Key(1) with { ElementSize = 5000 }));
        Assert.Equal(PlanCache.Capacity, cache.Count);
        Assert.Same(first, cache.Get(Key(0)));
    }

    [Fact]
    public void Get_EvictsThePlanThatWasUsedLast_CompilesItAnew()
    {
        using PlanCache cache = Create();
        Plan first = cache.Get(Key(0));
        for (ulong count = 1; count < PlanCache.Capacity; count++)
        {
            cache.Get(Key(count));
        }

        Assert.Same(first, cache.Get(Key(0)));
        cache.Get(Key(5000)); // the older half goes, and with it the plan of the call before
        Assert.NotSame(first, cache.Get(Key(0)));
    }

    [Fact]
    public void Fingerprint_OtherBoundaries_IsAnother()
    {
        using PlanCache cache = Create();
        uint[] fingerprints = [cache.Get(Key(1)).Fingerprint, cache.Get(Key(1000)).Fingerprint, cache.Get(Key(100_000)).Fingerprint, cache.Get(Key(100_000) with { ElementSize = 8 }).Fingerprint];
        Assert.Equal(fingerprints.Length, fingerprints.Distinct().Count());
    }

    private static PlanKey Key(ulong count) => new(CollectiveKind.AllReduce, 4, count, 0);

    private static PlanCache Create() => new(new PlanCompiler(rank: 0, ranks: 1, localRanks: 1, channels: 2, slotBytes: 4096, slots: 8, new ConnectionTable(1, 2), new ScheduleSet()));
}
