using System.Runtime.CompilerServices;
using RdmaCollectives.Planning;
using RdmaCollectives.Schedules;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>
/// Small plans: the same steps in the same order as in any other, without looking for what a short message cannot have. An exchange of 8 bytes takes less time than the general way needs to find out that there is no
/// second round, no window and no registration.
/// </summary>
internal sealed unsafe partial class Executor
{
    // Does what can be done now. Done when the channel is through.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private StepResult DoShort(ref CallFrame frame, Plan plan, ChannelProgram program, ref bool moved)
    {
        ShortStep[] steps = program.ShortSteps;
        for (int i = program.Index; i < steps.Length; i++)
        {
            ref readonly ShortStep step = ref steps[i];
            StepResult result = !step.IsShort ? Do(ref frame, plan, program.Steps[i], 0) : step.Kind switch
            {
                StepKind.Send => SendShort(frame, step),
                StepKind.ReceiveReduce => ReduceShort(frame, step),
                StepKind.Receive => ReceiveShort(frame, step),
                _ => CopyShort(frame, step),
            };
            if (result != StepResult.Done)
            {
                return result;
            }

            moved = true;
            program.Index = i + 1;
        }

        program.Index = 0;
        program.Round = 1;
        return StepResult.Done;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static StepResult SendShort(in CallFrame frame, in ShortStep step)
    {
        MessageHeader header = frame.Header;
        header.ByteCount = step.ByteCount;
        if (!step.Send!.TrySendCopy(header, AtByte(frame, step.Source, step.SourceByte)))
        {
            return StepResult.NotYet;
        }

        step.Send.SentCount++;
        return StepResult.Done;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static StepResult ReceiveShort(in CallFrame frame, in ShortStep step)
    {
        MessageHeader header = frame.Header;
        header.ByteCount = step.ByteCount;
        StepResult received = ResultOf(step.Receive!.TryReceiveInto(header, AtByte(frame, step.Destination, step.DestinationByte), RegistrationOf(frame, step.Destination)));
        step.Receive.ReceivedCount += received == StepResult.Done ? 1u : 0;
        return received;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private StepResult ReduceShort(in CallFrame frame, in ShortStep step)
    {
        if (!step.Receive!.TryReceive(out MessageHeader found, out byte* payload))
        {
            return StepResult.NotYet;
        }

        MessageHeader header = frame.Header;
        header.ByteCount = step.ByteCount;
        if (!found.Matches(header))
        {
            return StepResult.Mismatch;
        }

        byte* result = AtByte(frame, step.Destination, step.DestinationByte);
        Combine(frame, step.IsOwnLeft, payload, AtByte(frame, step.Source, step.SourceByte), result, step.Count);
        Finish(frame, step.IsFinal, result, step.Count);
        step.Receive.Release();
        step.Receive.ReceivedCount++;
        return step.Receive.IsTorn ? StepResult.NotYet : StepResult.Done; // torn: the next pass finds the transport's failure
    }

    private StepResult CopyShort(in CallFrame frame, in ShortStep step)
    {
        byte* to = AtByte(frame, step.Destination, step.DestinationByte);
        Copy(AtByte(frame, step.Source, step.SourceByte), to, step.ByteCount);
        Finish(frame, step.IsFinal, to, step.Count);
        return StepResult.Done;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* AtByte(in CallFrame frame, StepBuffer buffer, ulong offset) => StartOf(frame, buffer) + offset;
}
