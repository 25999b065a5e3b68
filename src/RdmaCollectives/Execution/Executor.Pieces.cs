using System.Runtime.CompilerServices;
using RdmaCollectives.Planning;
using RdmaCollectives.Schedules;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>Steps over several chunks that do not lie in one piece: a message holds them one behind the other, so they go through its slot chunk by chunk.</summary>
internal sealed unsafe partial class Executor
{
    // Whether every buffer that the step touches has its chunks in one piece; the first of them was looked at already.
    private static bool IsSimple(Plan plan, in PlanStep step, int round) =>
        plan.Layout.LocateRange(step.Source, round, step.SourceChunk, step.Count, out _, out _)
        && plan.Layout.LocateRange(step.Destination, round, step.Chunk, step.Count, out _, out _);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private StepResult DoPieces(ref CallFrame frame, Plan plan, in PlanStep step, in MessageHeader header, int round)
    {
        byte* payload = null;
        byte* slot = null;
        if (step.Receive is not null)
        {
            StepResult ready = ReadyToFuse(step, header, out payload, out slot);
            if (ready != StepResult.Done)
            {
                return ready;
            }
        }
        else if (step.Send is not null && (slot = step.Send.TryGetSendSlot()) is null)
        {
            return StepResult.NotYet;
        }

        for (int i = 0; i < step.Count; i++)
        {
            ulong byteCount = DoPiece(frame, plan, step, round, i, payload, slot);
            payload = payload is null ? null : payload + byteCount;
            slot = slot is null ? null : slot + byteCount;
        }

        if (step.Receive is not null)
        {
            step.Receive.Release();
            step.Receive.ReceivedCount++;
            if (step.Receive.IsTorn)
            {
                return StepResult.NotYet;
            }
        }

        if (step.Send is not null)
        {
            step.Send.Send(header);
            step.Send.SentCount++;
        }

        return StepResult.Done;
    }

    // What a step does with one of its chunks; the payloads are at this chunk. The result is its size in bytes.
    private ulong DoPiece(in CallFrame frame, Plan plan, in PlanStep step, int round, int index, byte* payload, byte* slot)
    {
        Layout layout = plan.Layout;
        bool stores = step.Kind is not (StepKind.Send or StepKind.ReceiveReduceSend);
        byte* own = null;
        byte* stored = null;
        ulong count = 0;
        if (step.Kind is not (StepKind.Receive or StepKind.ReceiveCopySend))
        {
            layout.Locate(step.Source, round, layout.Next(step.SourceChunk, index), out ulong first, out count);
            own = At(frame, step.Source, first);
        }

        if (stores)
        {
            layout.Locate(step.Destination, round, layout.Next(step.Chunk, index), out ulong first, out count);
            stored = At(frame, step.Destination, first);
        }

        byte* result = stores ? stored : slot;
        uint byteCount = (uint)(count * (ulong)frame.Kernel.ElementSize);
        switch (step.Kind)
        {
            case StepKind.Send or StepKind.Copy:
                Copy(own, result, byteCount);
                break;
            case StepKind.Receive or StepKind.ReceiveCopySend:
                Copy(payload is null ? stored : payload, result, byteCount);
                break;
            case StepKind.Reduce:
                Combine(frame, step.IsOwnLeft, stored, own, result, count);
                break;
            default:
                Combine(frame, step.IsOwnLeft, payload, own, result, count);
                break;
        }

        Finish(frame, step.IsFinal, result, count);
        if (stores && slot is not null)
        {
            Copy(result, slot, byteCount);
        }

        return byteCount;
    }
}
