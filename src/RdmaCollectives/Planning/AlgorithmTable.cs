using System.Diagnostics.CodeAnalysis;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Planning;

/// <summary>
/// The one place that chooses among algorithms, a function of the call and of agreed values only. The first row of the collective that takes so many bytes and ranks, and whose
/// schedule promises what the call demands, is taken; docs/algorithms.md says how the limits were measured.
/// </summary>
internal static class AlgorithmTable
{
    /// <summary>Below this many bytes a rank, more than one channel costs messages and gains no overlap.</summary>
    public const ulong BytesPerChannel = 64 * 1024;

    private const ulong AnyBytes = ulong.MaxValue;

    /// <summary>Bytes are those of the whole buffer, or of one block where buffers have a block per rank.</summary>
    private static readonly Row[] Rows =
    [
        new(CollectiveKind.AllReduce, 16 * 1024, 2, "direct"),
        new(CollectiveKind.AllReduce, AnyBytes, 2, "ring", OverSharedMemory: true),
        new(CollectiveKind.AllReduce, 32 * 1024, 2, "direct"),
        new(CollectiveKind.AllReduce, 32 * 1024, 2, "recursive-doubling"),
        new(CollectiveKind.AllReduce, 8 * 1024, 4, "direct"),
        new(CollectiveKind.AllReduce, 32 * 1024, AnyRanks, "tree"),
        new(CollectiveKind.AllReduce, 512 * 1024, FullMesh, "halving-doubling"),
        new(CollectiveKind.AllReduce, AnyBytes, AnyRanks, "ring"),
        new(CollectiveKind.AllReduce, AnyBytes, FullMesh, "halving-doubling"),
        new(CollectiveKind.AllReduce, AnyBytes, AnyRanks, "tree"),
        new(CollectiveKind.Reduce, 32 * 1024, AnyRanks, "tree"),
        new(CollectiveKind.Reduce, AnyBytes, AnyRanks, "ring"),
        new(CollectiveKind.Reduce, AnyBytes, AnyRanks, "fixed-tree"),
        new(CollectiveKind.Broadcast, 64 * 1024, AnyRanks, "tree"),
        new(CollectiveKind.Broadcast, AnyBytes, AnyRanks, "ring"),
        new(CollectiveKind.AllGather, 16 * 1024, AnyRanks, "bruck"),
        new(CollectiveKind.AllGather, AnyBytes, AnyRanks, "ring"),
        new(CollectiveKind.ReduceScatter, 16 * 1024, FullMesh, "direct"),
        new(CollectiveKind.ReduceScatter, AnyBytes, AnyRanks, "ring"),
        new(CollectiveKind.ReduceScatter, AnyBytes, FullMesh, "direct-fixed"),
        new(CollectiveKind.AllToAll, 64 * 1024, FullMesh, "pairwise"),
        new(CollectiveKind.AllToAll, AnyBytes, FullMesh, "scattered"),
        new(CollectiveKind.AllToAll, AnyBytes, AnyRanks, "bruck"),
        new(CollectiveKind.Gather, AnyBytes, FullMesh, "direct"),
        new(CollectiveKind.Gather, AnyBytes, AnyRanks, "tree"),
        new(CollectiveKind.Scatter, AnyBytes, FullMesh, "direct"),
        new(CollectiveKind.Scatter, AnyBytes, AnyRanks, "tree"),
        new(CollectiveKind.Barrier, AnyBytes, AnyRanks, "dissemination"),
    ];

    private const int AnyRanks = int.MaxValue;
    private const int FullMesh = Topology.ConnectionTable.FullMeshRankLimit;

    /// <param name="key">The call.</param>
    /// <param name="schedules">What there is to choose from.</param>
    /// <param name="world">All ranks, and the channels that connections have.</param>
    /// <param name="slots">The messages that a connection holds.</param>
    /// <param name="overSharedMemory">All ranks are on one host, and may use shared memory.</param>
    /// <exception cref="ArgumentException">The algorithm that the caller named does not exist or does not do what the call demands, or none does with so many ranks.</exception>
    public static (ISchedule Schedule, Shape Shape) Choose(in PlanKey key, ScheduleSet schedules, in Shape world, int slots, bool overSharedMemory)
    {
        // Blocks of different sizes are not known here: what is best for large ones costs little with small ones.
        ulong bytes = key.Demands.HasFlag(PlanDemands.VariableBlocks) ? AnyBytes : key.ElementCount * (ulong)key.ElementSize;
        if (key.Algorithm is { } name)
        {
            ISchedule named = schedules.Find(key.Collective, name) ?? throw Unknown(key.Collective, name, schedules);
            Shape shape = world with { Channels = ChannelsFor(named, bytes, world) };
            return WhyNot(named, shape, slots, key.Demands) is { } reason ? throw Unfit(key.Collective, name, reason) : (named, shape);
        }

        foreach (Row row in Rows)
        {
            if (row.Collective == key.Collective && (overSharedMemory || !row.OverSharedMemory) && bytes <= row.MaxBytes && world.Ranks <= row.MaxRanks && ScheduleCatalog.Find(row.Collective, row.Algorithm) is { } schedule)
            {
                Shape shape = world with { Channels = ChannelsFor(schedule, bytes, world) };
                if (WhyNot(schedule, shape, slots, key.Demands) is null)
                {
                    return (schedule, shape);
                }
            }
        }

        throw None(key, world.Ranks);
    }

    // Ranks share all channels with their neighbours on the ring only, and one with the others.
    private static int ChannelsFor(ISchedule schedule, ulong bytes, in Shape world)
    {
        bool runsAlongTheRing = schedule.Name is "ring" or "bidirectional-ring";
        ulong useful = Math.Max(1, bytes / (BytesPerChannel * (ulong)world.Ranks));
        return runsAlongTheRing ? (int)Math.Min((ulong)world.Channels, useful) : 1;
    }

    private static string? WhyNot(ISchedule schedule, in Shape shape, int slots, PlanDemands demands)
    {
        ScheduleTraits traits = schedule.Traits;
        return !schedule.Supports(shape) ? $"it does not run with {shape.Ranks} ranks, {shape.LocalRanks} a host"
            : schedule.MinimumCredits(shape) > slots ? $"it needs {schedule.MinimumCredits(shape)} messages in flight between two ranks, and connections have {slots} slots (RDMACC_SLOTS)"
            : demands.HasFlag(PlanDemands.RankOrder) && !traits.HasFlag(ScheduleTraits.RankOrdered) ? "it does not keep the order of ranks, which this reducer needs (IsCommutative is false)"
            : demands.HasFlag(PlanDemands.FixedTree) && !traits.HasFlag(ScheduleTraits.FixedTree) ? "it does not reduce in the fixed tree, which BitExact asks for"
            : schedule.Name == "fixed-tree" && shape.Root != 0 && Topology.ConnectionTable.ChannelsBetween(0, shape.Root, shape.Ranks, 1) == 0 ? $"rank 0, which comes to the result, has no connection to the root {shape.Root}; an AllReduce serves"
            : demands.HasFlag(PlanDemands.VariableBlocks) && !traits.HasFlag(ScheduleTraits.VariableBlocks) ? "it takes blocks of one size only, and these have counts"
            : null;
    }

    [SuppressMessage("Usage", "MA0015:Specify the parameter name in ArgumentException", Justification = "The parameter is one of the public call.")]
    private static ArgumentException Unknown(CollectiveKind collective, string name, ScheduleSet schedules) =>
        new($"{collective} has no algorithm '{name}'. It has: {string.Join(", ", schedules.Names(collective))}.", "options");

    private static ArgumentException Unfit(CollectiveKind collective, string name, string reason) =>
        new($"{collective} cannot run by '{name}' here: {reason}. Name another algorithm, or none.", "options");

    private static ArgumentException None(in PlanKey key, int ranks) => new(
        $"No algorithm of {key.Collective} serves {ranks} ranks with {key.Demands}: beyond {FullMesh} ranks only neighbours and ranks at distances 1, 2, 4, ... are connected. Use blocks of one size, a commutative reducer, an AllReduce in place of a Reduce in a fixed order, or fewer ranks.", "options");

    private readonly record struct Row(CollectiveKind Collective, ulong MaxBytes, int MaxRanks, string Algorithm, bool OverSharedMemory = false);
}
