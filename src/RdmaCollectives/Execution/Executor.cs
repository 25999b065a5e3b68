using System.Runtime.CompilerServices;
using RdmaCollectives.Planning;
using RdmaCollectives.Schedules;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>
/// The one loop: walks the steps of this rank. A pass never blocks, allocates or throws, so one thread can drive several communicators; whoever calls it waits between idle passes,
/// looks at the fault flag and at the deadline. One call at a time per communicator.
/// </summary>
internal sealed unsafe partial class Executor(int ranks, int epoch)
{
    /// <summary>After <see cref="Advance.Mismatch"/>: the connection it came over, and what its header said.</summary>
    public (Connection Connection, MessageHeader Expected, MessageHeader Found) Mismatch { get; private set; }

    /// <summary>After <see cref="Advance.ReducerThrew"/>.</summary>
    public Exception? ReducerError { get; private set; }

    /// <summary>Makes a plan ready to run from its beginning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Begin(Plan plan)
    {
        foreach (ChannelProgram program in plan.Channels)
        {
            program.Round = program.Steps.Length == 0 ? plan.Layout.Rounds : 0;
            program.Index = 0;
        }
    }

    /// <summary>
    /// One pass over all channels or transfers: each goes as far as it can. Optimised from the first call: a program's first collectives are otherwise run by tier-0 code.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Advance Pass(ref CallFrame frame)
    {
        ReadOnlySpan<Transport> transports = frame.Work.Transports;
        foreach (Transport transport in transports)
        {
            transport.Progress();
            if (transport.Failure is not null)
            {
                return Advance.TransportFailed;
            }
        }

        Advance advance = frame.Plan is { } plan ? PassSteps(ref frame, plan) : PassTransfers((TransferSet)frame.Work);
        if (advance == Advance.Done && IsDrained(frame.Work))
        {
            return advance; // the caller settles
        }

        foreach (Transport transport in transports)
        {
            transport.Glance();
        }

        return advance == Advance.Done ? Advance.Idle : advance;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Advance PassSteps(ref CallFrame frame, Plan plan)
    {
        bool moved = false;
        bool complete = true;
        int rounds = plan.Layout.Rounds;
        try
        {
            foreach (ChannelProgram program in plan.Channels)
            {
                if (program.Round == 0 && program.ShortSteps.Length > 0)
                {
                    StepResult result = DoShort(ref frame, plan, program, ref moved);
                    if (result == StepResult.Mismatch)
                    {
                        return NoteMismatch(frame, plan, program.Steps[program.Index], 0);
                    }

                    complete &= result == StepResult.Done;
                    continue;
                }

                while (program.Round < rounds)
                {
                    ref readonly PlanStep step = ref program.Steps[program.Index];
                    StepResult result = Do(ref frame, plan, step, program.Round);
                    if (result == StepResult.NotYet)
                    {
                        complete = false;
                        break;
                    }

                    if (result == StepResult.Mismatch)
                    {
                        return NoteMismatch(frame, plan, step, program.Round);
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

        return complete ? Advance.Done : moved ? Advance.Moved : Advance.Idle;
    }

    private enum StepResult
    {
        NotYet,
        Done,
        Mismatch,
    }

    // The return rule: nobody reads the caller's memory any more, and what we owe is out of our hands.
    private static bool IsDrained(Work work)
    {
        foreach (Connection connection in work.SendConnections)
        {
            if (!connection.IsDrained)
            {
                return false;
            }
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private StepResult Do(ref CallFrame frame, Plan plan, in PlanStep step, int round)
    {
        if (step.Fixed is { } range)
        {
            MessageHeader known = frame.Header;
            known.ByteCount = (uint)(range.Count * (ulong)frame.Kernel.ElementSize);
            return DoWhole(ref frame, plan, step, known, range, round);
        }

        StepBuffer buffer = step.Kind is StepKind.Receive or StepKind.ReceiveCopySend or StepKind.Copy or StepKind.Reduce ? step.Destination : step.Source;
        bool inOnePiece = plan.Layout.LocateRange(buffer, round, step.Chunk, step.Count, out ulong first, out ulong count);
        if (count == 0 && round > 0)
        {
            return StepResult.Done; // both ends know that there is nothing left; the first round alone brings ranks together over nothing
        }

        MessageHeader header = frame.Header;
        header.ByteCount = (uint)(count * (ulong)frame.Kernel.ElementSize);
        if (!inOnePiece || (step.Count > 1 && !IsSimple(plan, step, round)))
        {
            return DoPieces(ref frame, plan, step, header, round);
        }

        ulong source = first, destination = first;
        if (step.Kind is StepKind.Copy or StepKind.Reduce)
        {
            plan.Layout.LocateRange(step.Source, round, step.SourceChunk, step.Count, out source, out _);
        }
        else if (step.Kind is StepKind.ReceiveReduce or StepKind.ReceiveReduceCopySend)
        {
            plan.Layout.LocateRange(step.Destination, round, step.Chunk, step.Count, out destination, out _);
        }

        return DoWhole(ref frame, plan, step, header, new FixedRange(source, destination, count), round);
    }

    /// <summary>A step whose chunks lie in one piece in every buffer that it touches.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private StepResult DoWhole(ref CallFrame frame, Plan plan, in PlanStep step, in MessageHeader header, in FixedRange range, int round)
    {
        switch (step.Kind)
        {
            case StepKind.Send:
                byte* source = At(frame, step.Source, range.Source);
                ulong offset = OffsetAtPeer(plan, step, header, round);
                return offset != Connection.Nowhere && TryStore(step, header, source, offset) ? StepResult.Done : Send(step, header, source, RegistrationOf(frame, step.Source), offset);

            case StepKind.Receive:
                StepResult received = ResultOf(step.Receive!.TryReceiveInto(header, At(frame, step.Destination, range.Destination), RegistrationOf(frame, step.Destination)));
                step.Receive.ReceivedCount += received == StepResult.Done ? 1u : 0;
                return received;

            case StepKind.Copy:
                byte* to = At(frame, step.Destination, range.Destination);
                Copy(At(frame, step.Source, range.Source), to, header.ByteCount);
                Finish(frame, step.IsFinal, to, range.Count);
                return StepResult.Done;

            case StepKind.Reduce:
                byte* target = At(frame, step.Destination, range.Destination);
                Combine(frame, step.IsOwnLeft, target, At(frame, step.Source, range.Source), target, range.Count);
                Finish(frame, step.IsFinal, target, range.Count);
                return StepResult.Done;

            default:
                return Fused(ref frame, plan, step, header, range, round);
        }
    }

    /// <summary>The four kinds that receive and do something with it: reduce, store, send on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private StepResult Fused(ref CallFrame frame, Plan plan, in PlanStep step, in MessageHeader header, in FixedRange range, int round)
    {
        StepResult ready = ReadyToFuse(step, header, out byte* payload, out byte* slot);
        if (ready != StepResult.Done)
        {
            return ready;
        }

        ulong peersOffset = OffsetAtPeer(plan, step, header, round);
        byte* there = peersOffset == Connection.Nowhere ? null : step.Send!.TryGetPeersOutput(header, peersOffset);
        if (there is not null)
        {
            return FusedThere(frame, step, header, range, payload, there, peersOffset);
        }

        bool stores = step.Kind != StepKind.ReceiveReduceSend;
        byte* stored = stores ? At(frame, step.Destination, range.Destination) : null;
        byte* result = stores ? stored : slot;
        if (step.Kind != StepKind.ReceiveCopySend)
        {
            Combine(frame, step.IsOwnLeft, payload, At(frame, step.Source, range.Source), result, range.Count);
        }
        else
        {
            Copy(payload is null ? result : payload, result, header.ByteCount);
        }

        Finish(frame, step.IsFinal, result, range.Count);
        step.Receive!.Release();
        step.Receive.ReceivedCount++;
        if (step.Receive.IsTorn)
        {
            return StepResult.NotYet; // the next pass finds the transport's failure; nothing is sent on
        }

        if (step.Send is not null)
        {
            step.Send.SentCount++;
            MemoryRegistration? registration = RegistrationOf(frame, step.Destination);
            if (stores && CanSendFrom(step.Send, step.Destination, registration, header.ByteCount))
            {
                step.Send.TrySendFrom(header, stored, registration, peersOffset); // there is credit: the slot was not null
            }
            else
            {
                if (stores)
                {
                    Copy(stored, slot, header.ByteCount);
                }

                step.Send.Send(header, peersOffset);
            }
        }

        return StepResult.Done;
    }

    // The message is here and matches, and there is room for the one that goes out.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static StepResult ReadyToFuse(in PlanStep step, in MessageHeader header, out byte* payload, out byte* slot)
    {
        slot = null;
        if (!step.Receive!.TryReceive(out MessageHeader found, out payload))
        {
            return StepResult.NotYet;
        }

        if (!found.Matches(header))
        {
            return StepResult.Mismatch;
        }

        if (step.Send is not null)
        {
            slot = step.Send.TryGetSendSlot();
        }

        return step.Send is null || slot is not null ? StepResult.Done : StepResult.NotYet;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static StepResult Send(in PlanStep step, in MessageHeader header, byte* source, MemoryRegistration? registration, ulong peersOffset)
    {
        Connection send = step.Send!;
        if (CanSendFrom(send, step.Source, registration, header.ByteCount))
        {
            if (!send.TrySendFrom(header, source, registration, peersOffset))
            {
                return StepResult.NotYet;
            }

            send.SentCount++;
            return StepResult.Done;
        }

        byte* slot = send.TryGetSendSlot();
        if (slot is null)
        {
            return StepResult.NotYet;
        }

        Copy(source, slot, header.ByteCount);
        send.Send(header, peersOffset);
        send.SentCount++;
        return StepResult.Done;
    }

    private static StepResult ResultOf(ReceiveStatus status) => status switch
    {
        ReceiveStatus.Done => StepResult.Done,
        ReceiveStatus.NotYet => StepResult.NotYet,
        _ => StepResult.Mismatch,
    };

    // Never from scratch memory: the next round writes there anew, and nothing before the end of the call waits until what was sent from it has gone.
    private static bool CanSendFrom(Connection connection, StepBuffer buffer, MemoryRegistration? registration, uint byteCount) =>
        byteCount >= Plan.SendFromBytes && buffer != StepBuffer.Scratch && connection.CanSendFrom(registration);

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

    private void Finish(in CallFrame frame, bool isFinal, byte* values, ulong count)
    {
        if (isFinal && frame.Kernel.Finish is not null)
        {
            frame.Kernel.Finish(values, (nuint)count, ranks);
        }
    }

    private static byte* At(in CallFrame frame, StepBuffer buffer, ulong firstElement) => StartOf(frame, buffer) + (firstElement * (ulong)frame.Kernel.ElementSize);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* StartOf(in CallFrame frame, StepBuffer buffer) => buffer switch
    {
        StepBuffer.Input => frame.Input,
        StepBuffer.Output => frame.Output,
        _ => frame.Plan!.Scratch!.Address,
    };

    private static MemoryRegistration? RegistrationOf(in CallFrame frame, StepBuffer buffer) => buffer switch
    {
        StepBuffer.Input => frame.InputRegistration,
        StepBuffer.Output => frame.OutputRegistration,
        _ => null,
    };

    private Advance NoteMismatch(in CallFrame frame, Plan plan, in PlanStep step, int round)
    {
        StepBuffer buffer = step.Kind is StepKind.Receive or StepKind.ReceiveCopySend ? step.Destination : step.Source;
        plan.Layout.LocateRange(buffer, round, step.Chunk, step.Count, out _, out ulong count);
        MessageHeader expected = frame.Header;
        expected.ByteCount = (uint)(count * (ulong)frame.Kernel.ElementSize);
        return NoteMismatch(step.Receive!, expected);
    }

    private Advance NoteMismatch(Connection connection, in MessageHeader expected)
    {
        if (!connection.TryReceive(out MessageHeader found, out _))
        {
            // A long message that is not all here yet cannot be shown: most likely it is of the same place in the order of calls.
            found = expected;
            found.Hash = ~expected.Hash;
        }

        Mismatch = (connection, expected, found);
        return Advance.Mismatch;
    }
}
