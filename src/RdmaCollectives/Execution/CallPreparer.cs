using System.Diagnostics;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Planning;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>Turns a call into a frame that the executor can run: finds its plan, holds its registered buffers, gives it a number and says what every message of it carries. Under the progress token.</summary>
internal sealed unsafe class CallPreparer(PlanCache plans, RegistrationTable registrations, TimeSpan timeout, int epoch)
{
    private ulong _sequence;

    /// <summary>The last calls by number.</summary>
    public CallLog Calls { get; } = new();

    /// <summary>The call that was prepared last.</summary>
    public CallDescription Current { get; private set; }

    /// <summary>Makes the frame of a call. Everything that can throw comes before the sequence is counted and before anything is held for good: a call that throws here has not happened.</summary>
    public void Prepare(in Call call, out CallFrame frame)
    {
        Plan plan = plans.Get(new PlanKey(call.Collective, call.Kernel.ElementSize, call.ElementCount, call.Root, !call.Kernel.IsCommutative));
        nuint byteCount = (nuint)(call.ElementCount * (ulong)call.Kernel.ElementSize);
        MemoryRegistration? input = Hold(call.Input, byteCount);
        MemoryRegistration? output = call.Output == call.Input ? input : HoldBeside(input, call.Output, byteCount);
        ulong sequence = ++_sequence;
        Current = call.Describe(sequence, epoch, plan.Fingerprint);
        Calls.Add(Current);
        frame = new CallFrame
        {
            Plan = plan,
            Input = call.Input,
            Output = call.Output,
            InputRegistration = input,
            OutputRegistration = output,
            Kernel = call.Kernel,
            KernelState = call.KernelState,
            Deadline = Stopwatch.GetTimestamp() + Ticks.Of(call.Deadline > TimeSpan.Zero ? call.Deadline : timeout),
        };
        frame.Header.Hash = plan.HashOf(Current);
        frame.Header.Sequence = (uint)sequence;
        frame.Header.Epoch = (byte)epoch;
        Executor.Begin(frame);
    }

    // A call keeps its registered buffers: disposing one in the middle takes effect at the end.
    private MemoryRegistration? Hold(byte* address, nuint byteCount)
    {
        MemoryRegistration? registration = registrations.Find(address, byteCount);
        if (registration is not null && !registration.Uses.TryHold())
        {
            throw new ObjectDisposedException(nameof(RegisteredBuffer<>));
        }

        return registration;
    }

    private MemoryRegistration? HoldBeside(MemoryRegistration? held, byte* address, nuint byteCount)
    {
        try
        {
            return Hold(address, byteCount);
        }
        catch
        {
            held?.Uses.Release();
            throw;
        }
    }

    /// <summary>The call is over: its buffers may go.</summary>
    public static void LetGo(in CallFrame frame)
    {
        frame.InputRegistration?.Uses.Release();
        if (frame.Output != frame.Input)
        {
            frame.OutputRegistration?.Uses.Release();
        }
    }
}
