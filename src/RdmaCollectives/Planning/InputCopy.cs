using RdmaCollectives.Schedules;

namespace RdmaCollectives.Planning;

/// <summary>
/// Some schedules begin with a copy of the input to scratch memory, and send that: nothing tells them when a peer has read a message, and in place the result goes over what was sent. A small message is copied into the
/// connection's slot in any case (<see cref="Plan.SendFromBytes"/>), and from then on its source is free; so there the copy is a second one, and the steps can read the input itself.
/// </summary>
internal static class InputCopy
{
    /// <summary>Drops the copy where the steps of a plan with one channel allow it: every later step that reads the copy comes before, or is, the first that writes the output; and nobody writes the copy. Returns whether it was dropped.</summary>
    public static bool TryDrop(List<PlanStep> steps, int elementSize)
    {
        if (steps.Count < 2 || steps[0] is not { Kind: StepKind.Copy, Source: StepBuffer.Input, Destination: StepBuffer.Scratch, IsFinal: false, Fixed: { } copy }
            || copy.Count * (ulong)elementSize >= Plan.SendFromBytes || !CanReadInput(steps, copy))
        {
            return false;
        }

        steps.RemoveAt(0);
        for (int i = 0; i < steps.Count; i++)
        {
            if (Reads(steps[i], StepBuffer.Scratch) && steps[i].Fixed!.Value.Source == copy.Destination)
            {
                steps[i] = steps[i] with { Source = StepBuffer.Input, Fixed = steps[i].Fixed!.Value with { Source = copy.Source } };
            }
        }

        return true;
    }

    private static bool CanReadInput(List<PlanStep> steps, in FixedRange copy)
    {
        bool isOutputWritten = false;
        foreach (PlanStep step in steps.Skip(1))
        {
            if (step.Fixed is not { } range)
            {
                return false;
            }

            bool readsCopy = Reads(step, StepBuffer.Scratch) && Overlap(range.Source, range.Count, copy);
            if ((readsCopy && (isOutputWritten || range.Source != copy.Destination || range.Count != copy.Count))
                || (Writes(step, StepBuffer.Scratch) && Overlap(range.Destination, range.Count, copy)))
            {
                return false;
            }

            isOutputWritten |= Writes(step, StepBuffer.Output);
        }

        return true;
    }

    private static bool Reads(in PlanStep step, StepBuffer buffer) => step.Source == buffer && step.Kind is not (StepKind.Receive or StepKind.ReceiveCopySend);

    private static bool Writes(in PlanStep step, StepBuffer buffer) => step.Destination == buffer && step.Kind is not (StepKind.Send or StepKind.ReceiveReduceSend);

    private static bool Overlap(ulong first, ulong count, in FixedRange copy) => first < copy.Destination + copy.Count && copy.Destination < first + count;
}
