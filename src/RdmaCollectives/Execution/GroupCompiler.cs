using System.Runtime.InteropServices;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Memory;
using RdmaCollectives.Planning;

namespace RdmaCollectives.Execution;

/// <summary>
/// Turns the calls of a group into stages: first the collectives in their order, small all-reduces of one kind fused, then all sends and receives side by side. All ranks come to the same
/// order, in whichever order each of them mixed its sends and receives with the collectives.
/// </summary>
internal sealed unsafe class GroupCompiler(int rank, Func<TransferSet> makeTransfers)
{
    /// <summary>All-reduces up to this size are fused: above, the copies cost more than the hops that they save.</summary>
    public const ulong FusedPartBytes = 64 * 1024;

    /// <summary>A fused call ends at this size.</summary>
    public const ulong FusedBytes = 1024 * 1024;

    public GroupProgram Compile(ReadOnlySpan<Call> calls, UseCount uses)
    {
        RequireIndependent(calls);
        RequirePairsWithSelf(calls);
        var stages = new List<GroupStage>();
        var fused = new HashSet<int>();
        for (int i = 0; i < calls.Length; i++)
        {
            if (!calls[i].IsTransfer && !fused.Contains(i))
            {
                int[] parts = PartsFrom(calls, i, fused);
                stages.Add(parts.Length > 1 ? Fuse(calls, parts) : new GroupStage(calls[i]));
            }
        }

        if (Transfers(calls) is { } transfers)
        {
            stages.Add(new GroupStage(transfers));
        }

        return new GroupProgram([.. stages], uses);
    }

    // What one call writes no other may touch: the calls run as one, in an order that is not the caller's.
    private static void RequireIndependent(ReadOnlySpan<Call> calls)
    {
        var ranges = new List<(nuint Start, nuint End, bool IsWritten, int Call)>();
        for (int i = 0; i < calls.Length; i++)
        {
            ulong size = (ulong)calls[i].Kernel.ElementSize;
            ranges.Add(((nuint)calls[i].Output, (nuint)calls[i].Output + (nuint)(calls[i].OutputLength * size), true, i));
            ranges.Add(((nuint)calls[i].Input, (nuint)calls[i].Input + (nuint)(calls[i].InputLength * size), false, i));
        }

        ranges.RemoveAll(range => range.Start == range.End);
        ranges.Sort((a, b) => a.Start.CompareTo(b.Start));
        (nuint Start, nuint End, bool IsWritten, int Call) farthest = default;
        foreach ((nuint Start, nuint End, bool IsWritten, int Call) range in ranges)
        {
            if (range.Start < farthest.End && (range.IsWritten || farthest.IsWritten) && range.Call != farthest.Call)
            {
                throw new ArgumentException(
                    $"Calls {Math.Min(range.Call, farthest.Call)} and {Math.Max(range.Call, farthest.Call)} of the group use the same memory and one writes it: the calls of a group run as one, so none may use what another writes. Run them in two groups.", "group");
            }

            // In place a call's two ranges are one, and written.
            farthest = range.End > farthest.End || (range.End == farthest.End && range.IsWritten) ? range : farthest;
        }
    }

    // What a rank sends to itself it receives from itself, in the same order.
    private void RequirePairsWithSelf(ReadOnlySpan<Call> calls)
    {
        var sends = new List<(byte Type, ulong Length)>();
        var receives = new List<(byte Type, ulong Length)>();
        foreach (ref readonly Call call in calls)
        {
            if (call.IsTransfer && call.SendPeer == rank)
            {
                sends.Add((call.DataType, call.InputLength));
            }

            if (call.IsTransfer && call.ReceivePeer == rank)
            {
                receives.Add((call.DataType, call.OutputLength));
            }
        }

        if (!sends.SequenceEqual(receives))
        {
            throw new ArgumentException(
                $"Rank {rank} sends {sends.Count} messages of {string.Join(", ", sends.Select(send => send.Length))} elements to itself and receives {receives.Count} of {string.Join(", ", receives.Select(receive => receive.Length))}: add a receive from itself for every send, of the same type and length, in the same order.", "group");
        }
    }

    private static int[] PartsFrom(ReadOnlySpan<Call> calls, int first, HashSet<int> fused)
    {
        var parts = new List<int>();
        ulong total = 0;
        for (int i = first; i < calls.Length && CanFuse(calls[first], calls[i]); i++)
        {
            ulong bytes = calls[i].InputLength * (ulong)calls[i].Kernel.ElementSize;
            if (total + bytes > FusedBytes)
            {
                break;
            }

            total += bytes;
            parts.Add(i);
        }

        fused.UnionWith(parts);
        return [.. parts];
    }

    private static bool CanFuse(in Call first, in Call other) =>
        other.Kind == CallKind.AllReduce && first.Kind == CallKind.AllReduce && first.ReduceOp != byte.MaxValue && first.DataType == other.DataType && first.ReduceOp == other.ReduceOp
        && other.KernelState == null && first.KernelState == null && first.IsBitExact == other.IsBitExact && first.Deadline == other.Deadline
        && string.Equals(first.Algorithm, other.Algorithm, StringComparison.Ordinal) && other.InputLength * (ulong)other.Kernel.ElementSize <= FusedPartBytes;

    private static FusedStage Fuse(ReadOnlySpan<Call> calls, int[] parts)
    {
        var all = new Call[parts.Length];
        ulong length = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            all[i] = calls[parts[i]];
            length += all[i].InputLength;
        }

        var memory = new NativeBuffer((nuint)(length * (ulong)all[0].Kernel.ElementSize));
        Call fused = all[0];
        fused.Input = fused.Output = memory.Address;
        fused.InputLength = fused.OutputLength = fused.ElementCount = length;
        return new FusedStage(fused, all, memory);
    }

    private Call? Transfers(ReadOnlySpan<Call> calls)
    {
        Call? first = null;
        TransferSet? set = null;
        foreach (ref readonly Call call in calls)
        {
            if (!call.IsTransfer)
            {
                continue;
            }

            set ??= makeTransfers();
            first ??= call;
            CallPreparer.Fill(set, call);
        }

        return first is { } transfers ? transfers with { Kind = CallKind.Transfers, Transfers = set, SendPeer = -1, ReceivePeer = -1, InputLength = 0, OutputLength = 0 } : null;
    }
}
