using RdmaCollectives.Schedules;
using RdmaCollectives.Schedules.Algorithms;
using RdmaCollectives.Topology;

namespace RdmaCollectives.Planning;

/// <summary>
/// The one place that chooses among algorithms, a function of the call and of agreed values only. Small calls go in one hop to everybody, larger ones around the ring.
/// </summary>
internal static class AlgorithmTable
{
    /// <summary>
    /// Up to this many bytes all-reduce goes by <see cref="DirectAllReduce"/>: n-1 messages of the whole buffer in one hop beat 2(n-1) hops of parts of it while a message costs
    /// more than its bytes. Not for many ranks: every pair would need a connection.
    /// </summary>
    public const ulong DirectByteLimit = 8192;

    /// <summary>Below this many bytes a rank, more than one channel costs messages and gains no overlap.</summary>
    public const ulong BytesPerChannel = 64 * 1024;

    /// <exception cref="ArgumentException">No algorithm keeps the order of ranks with so many of them.</exception>
    public static (ISchedule Schedule, Shape Shape) Choose(in PlanKey key, int ranks, int channels)
    {
        if (key.InRankOrder && ranks > ConnectionTable.FullMeshRankLimit)
        {
            throw new ArgumentException($"A reducer that is not commutative is served with up to {ConnectionTable.FullMeshRankLimit} ranks, and this communicator has {ranks}: make it commutative (IsCommutative), or use fewer ranks.", "reducer");
        }

        ulong bytes = key.ElementCount * (ulong)key.ElementSize;
        if (key.InRankOrder || (ranks <= ConnectionTable.FullMeshRankLimit && bytes <= DirectByteLimit))
        {
            return (DirectAllReduce.Instance, new Shape(ranks));
        }

        ulong useful = Math.Max(1, bytes / (BytesPerChannel * (ulong)ranks));
        return (RingAllReduce.Instance, new Shape(ranks, Channels: (int)Math.Min((ulong)channels, useful)));
    }
}
