using System.Runtime.CompilerServices;
using RdmaCollectives.Planning;
using RdmaCollectives.Schedules;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>
/// The one loop: walks the steps of this rank. A pass never blocks, allocates or throws, so one thread can drive several communicators; whoever calls it waits between idle passes,
/// looks at the fault flag and at the deadline. One call at a time per communicator.
/// </summary>
internal sealed unsafe class Executor(int ranks)
{
    /// <summary>From this size on a message is sent from where it lies, if its connection can; below it a copy costs less than keeping track of the source.</summary>
    private const ulong SendFromBytes = 4096;

    /// <summary>After <see cref="Advance.Mismatch"/>: the connection it came over, and what its header said.</summary>
    public (Connection Connection, MessageHeader Expected, MessageHeader Found) Mismatch { get; private set; }

    /// <summary>After <see cref="Advance.ReducerThrew"/>.</summary>
    public Exception? ReducerError { get; private set; }

    /// <summary>Makes a plan ready to run from its beginning.</summary>
    public static void Begin(in CallFrame frame)
    {
        foreach (ChannelProgram program in frame.Plan.Channels)
        {
            program.Round = 0;
            program.Index = 0;
        }
    }

    /// <summary>
    /// One pass over all channels: every channel goes as far as it can. Optimised from the first call: a program's first collectives are otherwise run by tier-0 code.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Advance Pass(ref CallFrame frame)
    {
        foreach (Transport transport in frame.Plan.Transports)
        {
            transport.Progress();
            if (transport.Failure is not null)
            {
                return Advance.TransportFailed;
            }
        }

        bool moved = false;
        bool complete = true;
        int rounds = frame.Plan.Partition.Rounds;
        try
        {
            foreach (ChannelProgram program in frame.Plan.Channels)
            {
                while (program.Round < rounds)
                {
                    ref readonly PlanStep step = ref program.Steps[program.Index];
                    StepResult result = Do(ref frame, step, program.Round);
                    if (result == StepResult.NotYet)
                    {
                        complete = false;
                        break;
                    }

                    if (result == StepResult.Mismatch)
                    {
                        return NoteMismatch(frame, step, program.Round);
                    }

                    moved = true;
                    if (++program.Index == program.Steps.Length)
                    {
                        program.Index = 0;
                        program.Round++;
                    }
                }
            }
        }
        catch (Exception error) // only a user's reducer can throw in there
        {
            ReducerError = error;
            return Advance.ReducerThrew;
        }

        return complete && IsDrained(frame.Plan) ? Advance.Done : moved ? Advance.Moved : Advance.Idle;
    }

    private enum StepResult
    {
        NotYet,
        Done,
        Mismatch,
    }

    // The return rule: nobody reads the caller's memory any more, and what we owe is out of our hands.
    private static bool IsDrained(Plan plan)
    {
        foreach (Connection connection in plan.SendConnections)
        {
            if (!connection.IsDrained)
            {
                return false;
            }
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private StepResult Do(ref CallFrame frame, in PlanStep step, int round)
    {
        frame.Plan.Partition.Locate(round, step.Chunk, out ulong first, out ulong count);
        MessageHeader header = frame.Header;
        header.ByteCount = (uint)(count * (ulong)frame.Kernel.ElementSize);
        switch (step.Kind)
        {
            case StepKind.Send:
                return Send(step, header, Locate(frame, step.Source, step.Chunk, round, first), RegistrationOf(frame, step.Source));

            case StepKind.Receive:
                return step.Receive!.TryReceiveInto(header, Locate(frame, step.Destination, step.Chunk, round, first), RegistrationOf(frame, step.Destination)) switch
                {
                    ReceiveStatus.Done => StepResult.Done,
                    ReceiveStatus.NotYet => StepResult.NotYet,
                    _ => StepResult.Mismatch,
                };

            case StepKind.Copy:
                frame.Plan.Partition.Locate(round, step.SourceChunk, out ulong sourceFirst, out _);
                byte* from = Locate(frame, step.Source, step.SourceChunk, round, sourceFirst);
                byte* to = Locate(frame, step.Destination, step.Chunk, round, first);
                Copy(from, to, header.ByteCount);
                Finish(frame, step, to, count);
                return StepResult.Done;

            case StepKind.Reduce:
                frame.Plan.Partition.Locate(round, step.SourceChunk, out ulong operandFirst, out _);
                byte* own = Locate(frame, step.Source, step.SourceChunk, round, operandFirst);
                byte* target = Locate(frame, step.Destination, step.Chunk, round, first);
                Combine(frame, step.IsOwnLeft, target, own, target, count);
                Finish(frame, step, target, count);
                return StepResult.Done;

            default:
                return Fused(ref frame, step, header, round, first, count);
        }
    }

    /// <summary>The four kinds that receive and do something with it: reduce, store, send on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private StepResult Fused(ref CallFrame frame, in PlanStep step, in MessageHeader header, int round, ulong first, ulong count)
    {
        Connection receive = step.Receive!;
        if (!receive.TryReceive(out MessageHeader found, out byte* payload))
        {
            return StepResult.NotYet;
        }

        if (!found.Matches(header))
        {
            return StepResult.Mismatch;
        }

        byte* slot = null;
        if (step.Send is not null)
        {
            slot = step.Send.TryGetSendSlot();
            if (slot is null)
            {
                return StepResult.NotYet;
            }
        }

        bool reduces = step.Kind != StepKind.ReceiveCopySend;
        bool stores = step.Kind != StepKind.ReceiveReduceSend;
        byte* stored = stores ? Locate(frame, step.Destination, step.Chunk, round, first) : null;
        byte* result = stores ? stored : slot;
        if (reduces)
        {
            byte* own = Locate(frame, step.Source, step.Chunk, round, first);
            Combine(frame, step.IsOwnLeft, payload, own, result, count);
        }
        else
        {
            Copy(payload, result, header.ByteCount);
        }

        Finish(frame, step, result, count);
        receive.Release();
        if (step.Send is not null)
        {
            MemoryRegistration? registration = RegistrationOf(frame, step.Destination);
            if (stores && CanSendFrom(step.Send, step.Destination, registration, header.ByteCount))
            {
                step.Send.TrySendFrom(header, stored, registration); // there is credit: the slot was not null
            }
            else
            {
                if (stores)
                {
                    Copy(stored, slot, header.ByteCount);
                }

                step.Send.Send(header);
            }
        }

        return StepResult.Done;
    }

    private static StepResult Send(in PlanStep step, in MessageHeader header, byte* source, MemoryRegistration? registration)
    {
        Connection send = step.Send!;
        if (CanSendFrom(send, step.Source, registration, header.ByteCount))
        {
            return send.TrySendFrom(header, source, registration) ? StepResult.Done : StepResult.NotYet;
        }

        byte* slot = send.TryGetSendSlot();
        if (slot is null)
        {
            return StepResult.NotYet;
        }

        Copy(source, slot, header.ByteCount);
        send.Send(header);
        return StepResult.Done;
    }

    // Never from scratch memory: the next round writes there anew, and nothing before the end of the call waits until what was sent from it has gone.
    private static bool CanSendFrom(Connection connection, StepBuffer buffer, MemoryRegistration? registration, uint byteCount) =>
        byteCount >= SendFromBytes && buffer != StepBuffer.Scratch && connection.CanSendFrom(registration);

    private static void Copy(byte* from, byte* to, uint byteCount)
    {
        if (from != to)
        {
            Unsafe.CopyBlockUnaligned(to, from, byteCount);
        }
    }

    // destination = received (+) own; the other way round where the step says so.
    private static void Combine(in CallFrame frame, bool isOwnLeft, byte* received, byte* own, byte* destination, ulong count) =>
        frame.Kernel.Combine(frame.KernelState, isOwnLeft ? own : received, isOwnLeft ? received : own, destination, (nuint)count);

    private void Finish(in CallFrame frame, in PlanStep step, byte* values, ulong count)
    {
        if (step.IsFinal && frame.Kernel.Finish is not null)
        {
            frame.Kernel.Finish(values, (nuint)count, ranks);
        }
    }

    private static byte* Locate(in CallFrame frame, StepBuffer buffer, int chunk, int round, ulong firstElement)
    {
        ulong size = (ulong)frame.Kernel.ElementSize;
        return buffer switch
        {
            StepBuffer.Input => frame.Input + (firstElement * size),
            StepBuffer.Output => frame.Output + (firstElement * size),
            _ => frame.Plan.Scratch!.Address + (frame.Plan.Partition.LocateScratch(round, chunk) * size),
        };
    }

    private static MemoryRegistration? RegistrationOf(in CallFrame frame, StepBuffer buffer) => buffer switch
    {
        StepBuffer.Input => frame.InputRegistration,
        StepBuffer.Output => frame.OutputRegistration,
        _ => null,
    };

    private Advance NoteMismatch(in CallFrame frame, in PlanStep step, int round)
    {
        frame.Plan.Partition.Locate(round, step.Chunk, out _, out ulong count);
        MessageHeader expected = frame.Header;
        expected.ByteCount = (uint)(count * (ulong)frame.Kernel.ElementSize);
        if (!step.Receive!.TryReceive(out MessageHeader found, out _))
        {
            // A long message that is not all here yet cannot be shown: most likely it is of the same place in the order of calls.
            found = expected;
            found.Hash = ~expected.Hash;
        }

        Mismatch = (step.Receive, expected, found);
        return Advance.Mismatch;
    }
}
