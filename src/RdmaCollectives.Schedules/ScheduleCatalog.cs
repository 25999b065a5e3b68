using RdmaCollectives.Schedules.Algorithms;

namespace RdmaCollectives.Schedules;

/// <summary>The built-in schedules, of every collective. The entries hold no state; all members may be used from any thread.</summary>
public static class ScheduleCatalog
{
    /// <summary>All of them, a line each; those of one collective follow each other.</summary>
    public static IReadOnlyList<ISchedule> All { get; } =
    [
        // All-reduce
        RingAllReduce.Instance,
        BidirectionalRingAllReduce.Instance,
        DoubleTreeAllReduce.Instance,
        HalvingDoublingAllReduce.Instance,
        RecursiveDoublingAllReduce.Instance,
        TreeAllReduce.Instance,
        AllPairsAllReduce.Instance,
        DirectAllReduce.Instance,
        FixedDirectAllReduce.Instance,
        TwoLevelAllReduce.Instance,
        ByRailAllReduce.Instance,

        // Reduce
        TreeReduce.Instance,
        FixedTreeReduce.Instance,
        RingReduce.Instance,
        DirectReduce.Instance,

        // Broadcast
        KnomialBroadcast.Binomial,
        KnomialBroadcast.Radix4,
        RingBroadcast.Instance,
        DoubleTreeBroadcast.Instance,
        ScatterGatherBroadcast.Instance,
        DirectBroadcast.Instance,
        TwoLevelBroadcast.Instance,

        // All-gather
        RingAllGather.Instance,
        BidirectionalRingAllGather.Instance,
        RecursiveDoublingAllGather.Instance,
        BruckAllGather.Instance,
        PatAllGather.Instance,
        DirectAllGather.Instance,

        // Reduce-scatter
        RingReduceScatter.Instance,
        HalvingReduceScatter.Instance,
        PatReduceScatter.Instance,
        DirectReduceScatter.Instance,
        FixedDirectReduceScatter.Instance,

        // All-to-all
        ExchangeAllToAll.Pairwise,
        ExchangeAllToAll.Scattered,
        ExchangeAllToAll.Direct,
        BruckAllToAll.Instance,

        // Gather
        TreeGather.Instance,
        DirectGather.Instance,

        // Scatter
        TreeScatter.Instance,
        DirectScatter.Instance,

        // Barrier
        DisseminationBarrier.Instance,
        TreeBarrier.Instance,
    ];

    /// <summary>The schedules of a collective, in the order of <see cref="All"/>.</summary>
    public static IEnumerable<ISchedule> For(CollectiveKind collective) => All.Where(schedule => schedule.Collective == collective);

    /// <summary>The schedule of a name; null when the collective has none of that name. Names are compared as they are, case included.</summary>
    public static ISchedule? Find(CollectiveKind collective, string name) =>
        For(collective).FirstOrDefault(schedule => string.Equals(schedule.Name, name, StringComparison.Ordinal));
}
