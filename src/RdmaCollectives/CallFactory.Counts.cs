using System.Numerics;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Execution;
using RdmaCollectives.Planning;

namespace RdmaCollectives;

/// <summary>The calls whose blocks are of different sizes: counts by rank, and displacements where the blocks do not follow each other.</summary>
internal sealed unsafe partial class CallFactory
{
    public Call AllGather<TCount>(void* send, ulong sendLength, void* receive, ulong receiveLength, ReadOnlySpan<TCount> counts, ReadOnlySpan<TCount> displacements, BlockSizes sizes, ElementType type, in OperationOptions options)
        where TCount : unmanaged, IBinaryInteger<TCount>
    {
        Read(nameof(counts), counts, nameof(displacements), displacements, "receive", receiveLength, sizes.ReceiveCounts, sizes.ReceiveOffsets, sizes.Order, mayOverlap: false);
        Arguments.RequireLength(nameof(send), sendLength, sizes.ReceiveCounts[rank], $"counts says that rank {rank} gives so many");
        Arguments.RequireOwnBlockOrApart(send, sendLength, receive, receiveLength, sizes.ReceiveOffsets[rank], type.Size, "receive");
        sizes.SendCounts[rank] = sendLength;
        Moving(out Call call, CallKind.AllGather, type, options);
        Lay(ref call, send, sendLength, receive, receiveLength, 0);
        return WithCounts(call, sizes, sizes.ReceiveCounts);
    }

    public Call ReduceScatter<TCount>(void* send, ulong sendLength, void* receive, ulong receiveLength, ReadOnlySpan<TCount> counts, BlockSizes sizes, ElementType type, in ReduceBy by, in OperationOptions options)
        where TCount : unmanaged, IBinaryInteger<TCount>
    {
        Read(nameof(counts), counts, "", [], "send", sendLength, sizes.SendCounts, sizes.SendOffsets, sizes.Order, mayOverlap: true);
        Arguments.RequireLength(nameof(receive), receiveLength, sizes.SendCounts[rank], $"counts says that rank {rank} gets so many");
        Arguments.RequireOwnBlockOrApart(receive, receiveLength, send, sendLength, sizes.SendOffsets[rank], type.Size, "send");
        sizes.ReceiveCounts[rank] = receiveLength;
        Reducing(out Call call, CallKind.ReduceScatter, type, by, options);
        Lay(ref call, send, sendLength, receive, receiveLength, 0);
        return WithCounts(call, sizes, sizes.SendCounts);
    }

    public Call AllToAll<TCount>(
        void* send, ulong sendLength, ReadOnlySpan<TCount> sendCounts, ReadOnlySpan<TCount> sendDisplacements,
        void* receive, ulong receiveLength, ReadOnlySpan<TCount> receiveCounts, ReadOnlySpan<TCount> receiveDisplacements, BlockSizes sizes, ElementType type, in OperationOptions options)
        where TCount : unmanaged, IBinaryInteger<TCount>
    {
        Read(nameof(sendCounts), sendCounts, nameof(sendDisplacements), sendDisplacements, "send", sendLength, sizes.SendCounts, sizes.SendOffsets, sizes.Order, mayOverlap: true);
        Read(nameof(receiveCounts), receiveCounts, nameof(receiveDisplacements), receiveDisplacements, "receive", receiveLength, sizes.ReceiveCounts, sizes.ReceiveOffsets, sizes.Order, mayOverlap: false);
        Arguments.RequireLength(nameof(receiveCounts), sizes.ReceiveCounts[rank], sizes.SendCounts[rank], $"entry {rank} of sendCounts and of receiveCounts is what rank {rank} gives itself");
        Arguments.RequireApart(send, sendLength, receive, receiveLength, type.Size);
        Moving(out Call call, CallKind.AllToAll, type, options);
        Lay(ref call, send, sendLength, receive, receiveLength, 0);
        return WithCounts(call, sizes, []);
    }

    public Call Gather<TCount>(void* send, ulong sendLength, void* receive, ulong receiveLength, ReadOnlySpan<TCount> counts, ReadOnlySpan<TCount> displacements, int root, BlockSizes sizes, ElementType type, in OperationOptions options)
        where TCount : unmanaged, IBinaryInteger<TCount>
    {
        RequireRank(nameof(root), root);
        Moving(out Call call, CallKind.Gather, type, options);
        call.Root = root;
        sizes.ReceiveCounts.AsSpan().Clear();
        if (rank == root)
        {
            Read(nameof(counts), counts, nameof(displacements), displacements, "receive", receiveLength, sizes.ReceiveCounts, sizes.ReceiveOffsets, sizes.Order, mayOverlap: false);
            Arguments.RequireLength(nameof(send), sendLength, sizes.ReceiveCounts[rank], $"counts says that rank {rank} gives so many");
            Arguments.RequireOwnBlockOrApart(send, sendLength, receive, receiveLength, sizes.ReceiveOffsets[rank], type.Size, "receive");
        }

        sizes.SendCounts[rank] = sendLength;
        Lay(ref call, send, sendLength, rank == root ? receive : null, rank == root ? receiveLength : 0, 0);
        return WithCounts(call, sizes, []);
    }

    public Call Scatter<TCount>(void* send, ulong sendLength, ReadOnlySpan<TCount> counts, ReadOnlySpan<TCount> displacements, void* receive, ulong receiveLength, int root, BlockSizes sizes, ElementType type, in OperationOptions options)
        where TCount : unmanaged, IBinaryInteger<TCount>
    {
        RequireRank(nameof(root), root);
        Moving(out Call call, CallKind.Scatter, type, options);
        call.Root = root;
        sizes.SendCounts.AsSpan().Clear();
        if (rank == root)
        {
            Read(nameof(counts), counts, nameof(displacements), displacements, "send", sendLength, sizes.SendCounts, sizes.SendOffsets, sizes.Order, mayOverlap: true);
            Arguments.RequireLength(nameof(receive), receiveLength, sizes.SendCounts[rank], $"counts says that rank {rank} gets so many");
            Arguments.RequireOwnBlockOrApart(receive, receiveLength, send, sendLength, sizes.SendOffsets[rank], type.Size, "send");
        }

        sizes.ReceiveCounts[rank] = receiveLength;
        Lay(ref call, rank == root ? send : null, rank == root ? sendLength : 0, receive, receiveLength, 0);
        return WithCounts(call, sizes, []);
    }

    /// <summary>The count of one rank; 0 where there are too few, which is refused later with words.</summary>
    public static ulong CountOf(ReadOnlySpan<nuint> counts, int rank) => rank < counts.Length ? counts[rank] : 0;

    /// <summary>The length of a buffer that ends with its last block.</summary>
    public static ulong Extent(ReadOnlySpan<nuint> counts, ReadOnlySpan<nuint> displacements)
    {
        ulong end = 0;
        ulong next = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            ulong offset = i < displacements.Length ? displacements[i] : next;
            next = offset + counts[i];
            end = counts[i] == 0 ? end : Math.Max(end, next);
        }

        return end;
    }

    // Counts that all ranks give alike are part of what ranks compare.
    private static Call WithCounts(Call call, BlockSizes sizes, ReadOnlySpan<ulong> agreed)
    {
        call.Blocks = sizes;
        if (agreed.Length > 0)
        {
            var hash = new Fnv1a();
            foreach (ulong count in agreed)
            {
                hash.Add(count);
            }

            call.CountsHash = hash.Value;
        }

        return call;
    }

    private void Read<TCount>(string countsName, ReadOnlySpan<TCount> counts, string displacementsName, ReadOnlySpan<TCount> displacements, string bufferName, ulong length, ulong[] toCounts, ulong[] toOffsets, (ulong[] Offsets, int[] Blocks) order, bool mayOverlap)
        where TCount : unmanaged, IBinaryInteger<TCount>
    {
        Arguments.RequireLength(countsName, (ulong)counts.Length, (ulong)ranks, "one count for every rank");
        if (displacements.Length > 0)
        {
            Arguments.RequireLength(displacementsName, (ulong)displacements.Length, (ulong)ranks, "one displacement for every rank, or none at all where blocks follow each other");
        }

        ulong end = 0;
        bool inOrder = true;
        for (int i = 0; i < ranks; i++)
        {
            ulong count = NotNegative(countsName, i, counts[i]);
            ulong offset = displacements.Length == 0 ? end : NotNegative(displacementsName, i, displacements[i]);
            if (count > 0 && (offset > length || count > length - offset))
            {
                throw new ArgumentException($"The block of rank {i} is elements {offset} to {offset + count - 1} of {bufferName}, which has {length}: mend {countsName}[{i}]{(displacements.Length == 0 ? "" : $" or {displacementsName}[{i}]")}, or pass a longer buffer.", countsName);
            }

            inOrder &= count == 0 || offset >= end;
            end = count == 0 ? end : offset + count;
            (toCounts[i], toOffsets[i]) = (count, offset);
        }

        if (!mayOverlap && !inOrder)
        {
            RequireApart(displacementsName, bufferName, toCounts, toOffsets, order);
        }
    }

    private static ulong NotNegative<TCount>(string name, int index, TCount value)
        where TCount : unmanaged, IBinaryInteger<TCount> =>
        TCount.IsNegative(value) ? throw new ArgumentOutOfRangeException(name, value, $"{name}[{index}] is negative.") : ulong.CreateChecked(value);

    // Blocks out of order: rare, so this may sort.
    private static void RequireApart(string name, string bufferName, ulong[] counts, ulong[] offsets, (ulong[] Offsets, int[] Blocks) order)
    {
        int used = 0;
        for (int block = 0; block < counts.Length; block++)
        {
            if (counts[block] > 0)
            {
                (order.Offsets[used], order.Blocks[used]) = (offsets[block], block);
                used++;
            }
        }

        Array.Sort(order.Offsets, order.Blocks, 0, used);
        for (int i = 1; i < used; i++)
        {
            (int before, int after) = (order.Blocks[i - 1], order.Blocks[i]);
            if (offsets[before] + counts[before] > offsets[after])
            {
                throw new ArgumentException(
                    $"The blocks of ranks {before} and {after} overlap in {bufferName}: elements {offsets[before]} to {offsets[before] + counts[before] - 1}, and from {offsets[after]} on. Mend {name}[{before}] or {name}[{after}].", name);
            }
        }
    }
}
