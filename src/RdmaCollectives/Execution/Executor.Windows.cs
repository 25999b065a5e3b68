using System.Runtime.CompilerServices;
using RdmaCollectives.Planning;
using RdmaCollectives.Schedules;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>Steps whose result goes straight into the output of the rank that gets it (docs/adr/0023-output-windows.md).</summary>
internal sealed unsafe partial class Executor
{
    // Sends by storing. False: the message goes as any other, or there is no credit.
    private static bool TryStore(in PlanStep step, in MessageHeader header, byte* source, ulong offset)
    {
        if (step.Send!.TryGetSendSlot() is null)
        {
            return false;
        }

        byte* there = step.Send.TryGetPeersOutput(header, offset);
        if (there is null)
        {
            return false;
        }

        Unsafe.CopyBlockUnaligned(there, source, header.ByteCount);
        step.Send.SendStored(header, offset);
        step.Send.SentCount++;
        return true;
    }

    // Where the chunks that a step sends belong in the output of the rank that they go to; nowhere where they are no result, in several pieces, or so small that they are copied on their way in any case.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong OffsetAtPeer(Plan plan, in PlanStep step, in MessageHeader header, int round) =>
        step.PeersChunk >= 0 && header.ByteCount >= Plan.SendFromBytes && plan.Layout.LocateRange(StepBuffer.Output, round, step.PeersChunk, step.Count, out ulong first, out _)
            ? first * (ulong)plan.Key.ElementSize
            : Connection.Nowhere;

    // A fused step that also stores its result where it goes: a second write, from the cache that the first has just filled.
    private StepResult FusedThere(in CallFrame frame, in PlanStep step, in MessageHeader header, in FixedRange range, byte* payload, byte* there, ulong offset)
    {
        byte* stored = step.Kind != StepKind.ReceiveReduceSend ? At(frame, step.Destination, range.Destination) : there;
        try
        {
            if (step.Kind != StepKind.ReceiveCopySend)
            {
                Combine(frame, step.IsOwnLeft, payload, At(frame, step.Source, range.Source), stored, range.Count);
            }
            else
            {
                Copy(payload is null ? stored : payload, stored, header.ByteCount);
            }

            Finish(frame, step.IsFinal, stored, range.Count);
        }
        catch
        {
            step.Send!.AbandonStored();
            throw;
        }

        step.Receive!.Release();
        step.Receive.ReceivedCount++;
        if (step.Receive.IsTorn)
        {
            step.Send!.AbandonStored();
            return StepResult.NotYet; // the next pass finds the transport's failure; nobody is told of what was stored
        }

        Copy(stored, there, header.ByteCount);
        step.Send!.SendStored(header, offset);
        step.Send.SentCount++;
        return StepResult.Done;
    }
}
