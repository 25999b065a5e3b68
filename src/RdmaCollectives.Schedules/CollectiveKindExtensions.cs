namespace RdmaCollectives.Schedules;

/// <summary>What the collectives have in common.</summary>
public static class CollectiveKindExtensions
{
    /// <summary>Whether one rank, <see cref="Shape.Root"/>, has a part of its own: reduce, broadcast, gather and scatter.</summary>
    public static bool IsRooted(this CollectiveKind collective) =>
        collective is CollectiveKind.Reduce or CollectiveKind.Broadcast or CollectiveKind.Gather or CollectiveKind.Scatter;

    /// <summary>Whether values are combined: all-reduce, reduce and reduce-scatter. The others move chunks as they are.</summary>
    public static bool IsReducing(this CollectiveKind collective) =>
        collective is CollectiveKind.AllReduce or CollectiveKind.Reduce or CollectiveKind.ReduceScatter;

    /// <summary>Whether a buffer has a block per rank: chunk = block * pieces + piece, with ChunkCount / ranks pieces in a block.</summary>
    public static bool HasBlocks(this CollectiveKind collective) =>
        collective is CollectiveKind.AllGather or CollectiveKind.ReduceScatter or CollectiveKind.AllToAll or CollectiveKind.Gather or CollectiveKind.Scatter;
}
