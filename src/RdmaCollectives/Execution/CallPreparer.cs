using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Planning;
using RdmaCollectives.Timing;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>Turns a call into a frame that the executor can run: finds its plan, holds its registered buffers, gives it a number and says what every message of it carries. Under the progress token.</summary>
internal sealed unsafe class CallPreparer(PlanCache plans, TransferSet transfers, RegistrationTable registrations, TimeSpan timeout, int epoch, Pace pace)
{
    private readonly long _timeoutTicks = Ticks.Of(timeout);
    private readonly TransferShapes _shapes = new(transfers);
    private ulong _sequence;
    private CallDescription _current;

    /// <summary>The last collective calls by number.</summary>
    public CallLog Calls { get; } = new();

    /// <summary>The last sends.</summary>
    public TransferLog Sends { get; } = new();

    /// <summary>The call that was prepared last.</summary>
    public ref readonly CallDescription Current => ref _current;

    /// <summary>Makes the frame of a call. Everything that can throw comes before the sequence is counted and before anything is held for good: a call that throws here has not happened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Prepare(in Call call, out CallFrame frame)
    {
        frame = default;
        frame.Kernel = call.Kernel;
        frame.KernelState = call.KernelState;
        if (call.IsTransfer)
        {
            PrepareTransfers(call, ref frame);
        }
        else
        {
            PrepareCollective(call, ref frame);
        }

        frame.Allowance = call.Deadline > TimeSpan.Zero ? Ticks.Of(call.Deadline) : _timeoutTicks;
    }

    /// <summary>The call runs from now on: for all who may ask, it is the current one. The messages of a small one are on their way already, and what is done here takes no time of the call's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Begin(in Call call, ref CallFrame frame)
    {
        frame.Entered = pace.Timestamp;
        frame.Deadline = frame.Entered + frame.Allowance;
        _current = call.Describe(_sequence, epoch, frame.Plan?.Fingerprint ?? 0); // transfers have numbers of their own: for them it is that of the last collective before
        if (frame.Plan is not null)
        {
            Calls.Add(_current);
        }
        else
        {
            LogSends((TransferSet)frame.Work);
        }
    }

    /// <summary>The call is over: its buffers may go.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LetGo(in CallFrame frame)
    {
        frame.InputRegistration?.Uses.Release();
        frame.OutputRegistration?.Uses.Release();
        (frame.Work as TransferSet)?.End();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PrepareCollective(in Call call, ref CallFrame frame)
    {
        Plan plan = plans.Get(call.Key);
        if (call.Blocks is { } sizes)
        {
            plan.Layout.Fit(sizes);
        }

        frame.Work = frame.Plan = plan;
        frame.Input = call.Input;
        frame.Output = call.Output;
        ulong elementSize = (ulong)call.Kernel.ElementSize;
        nuint inputBytes = (nuint)(call.InputLength * elementSize);
        Stage(call, plan, inputBytes, ref frame);
        frame.InputRegistration = registrations.Hold(frame.Input, inputBytes);
        try
        {
            frame.OutputRegistration = registrations.Hold(frame.Output, (nuint)(call.OutputLength * elementSize));
        }
        catch
        {
            frame.InputRegistration?.Uses.Release();
            throw;
        }

        ulong sequence = ++_sequence;
        frame.Header.Hash = HashOf(call, plan);
        frame.Header.Sequence = (uint)sequence;
        frame.Header.Epoch = (byte)epoch;
        if (frame.OutputRegistration is { } registration)
        {
            foreach (Connection connection in plan.Storers)
            {
                connection.OpenOutput(frame.Header, frame.Output, call.OutputLength * elementSize, registration);
            }
        }

        Executor.Begin(plan);
    }

    // What cannot be sent from where it lies: an all-to-all in place would write blocks that are still to be sent, and a factor must not change the caller's elements. An all-reduce has its output for it.
    private static void Stage(in Call call, Plan plan, nuint inputBytes, ref CallFrame frame)
    {
        if (call.Kernel.Prepare != null)
        {
            frame.Input = call.Kind == CallKind.AllReduce ? call.Output : plan.Stage(inputBytes);
            call.Kernel.Prepare(call.KernelState, call.Input, frame.Input, (nuint)call.InputLength);
        }
        else if (call.Kind == CallKind.AllToAll && call.Input == call.Output && inputBytes > 0)
        {
            frame.Input = plan.Stage(inputBytes);
            NativeMemory.Copy(call.Input, frame.Input, inputBytes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PrepareTransfers(in Call call, ref CallFrame frame)
    {
        TransferSet set = call.Transfers ?? _shapes.Get(call);
        set.Begin(registrations);
        frame.Work = set;
    }

    private void LogSends(TransferSet set)
    {
        foreach (TransferLane lane in set.Lanes)
        {
            if (lane.IsSend && lane.Peer != set.Rank)
            {
                foreach (Transfer transfer in lane.Transfers)
                {
                    Sends.Add(lane.Peer, transfer.Sequence, _current);
                }
            }
        }
    }

    /// <summary>Adds what a call sends and receives.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(TransferSet set, in Call call)
    {
        ulong size = (ulong)call.Kernel.ElementSize;
        if (call.SendPeer >= 0)
        {
            set.AddSend(call.SendPeer, call.Input, call.InputLength * size, TransferHash(call, call.InputLength));
        }

        if (call.ReceivePeer is >= 0 or Transfer.Any)
        {
            set.AddReceive(call.ReceivePeer, call.Output, call.OutputLength * size, TransferHash(call, call.OutputLength));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint HashOf(in Call call, Plan plan)
    {
        ulong what = call.DataType | (ulong)call.ReduceOp << 8 | (call.IsBitExact ? 1UL << 16 : 0) | 1UL << 17; // the last so that no call is 0
        ulong whose = call.UserTypeHash | (ulong)call.CountsHash << 32;
        return plan.TryGetHash(what, whose, out uint hash) ? hash : plan.KeepHash(what, whose, call.Describe(0, epoch, plan.Fingerprint).Hash());
    }

    // What the messages of a transfer carry: type and element count, the same at both ends.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint TransferHash(in Call call, ulong elementCount)
    {
        var hash = new Fnv1a();
        hash.Add(call.DataType);
        hash.Add((byte)Math.Min(call.Kernel.ElementSize, byte.MaxValue));
        hash.Add(call.UserTypeHash);
        hash.Add(elementCount);
        return hash.Value;
    }
}
