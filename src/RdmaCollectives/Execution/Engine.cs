using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Planning;
using RdmaCollectives.Timing;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>
/// Runs the calls of one communicator, one after the other. Progress belongs to whoever holds the token (one compare-exchange): a synchronous call on an idle communicator
/// takes it and runs on the caller's thread with no lock and no system call; queued calls are driven by the progress thread, and a synchronous call behind them queues as well.
/// The first fault ends everything: fence first, then report, then throw.
/// </summary>
internal sealed unsafe partial class Engine
{
    /// <summary>Idle passes between two looks at the clock, a power of two (a look costs about as much as a pass).</summary>
    private const int PassesPerLook = 16;

    /// <summary>
    /// A peer's goodbye goes over the control plane and may overtake what it sent before: only when nothing has moved for this long after it is the peer missed. Longer than the first
    /// retransmission of TCP (200 ms).
    /// </summary>
    private static readonly TimeSpan LeftGrace = TimeSpan.FromMilliseconds(500);

    /// <summary>After the fault by which <see cref="TryStop"/> ends a call that outlived its deadline: how long the call gets to notice.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(1);

    private readonly IControlPlane _control;
    private readonly FaultState _fault; // the control plane's
    private readonly Pace _pace;
    private readonly int _betweenLooks; // idle passes modulo it; a simulated wait lasts long enough to look each time
    private readonly PlanCache _plans;
    private readonly CallPreparer _preparer;
    private readonly Transport[] _transports;
    private readonly Executor _executor;
    private readonly Waiter _waiter;
    private readonly OperationQueue _queue = new();
    private readonly Signal _behind; // of the one synchronous call that waits in the queue
    private readonly TimeSpan _timeout;
    private readonly FaultHandler _faults;
    private readonly FlightRecorder? _recorder;
    private readonly bool _looksAtOnce; // a turn that yields costs far more than a look at the clock, and so the recorder sees every wait
    private CallFrame _frame; // of the queued operation that runs now
    private Operation? _current;
    private Operation? _canceled;
    private ulong _completed;
    private int _idlePasses;
    private long _leftSince; // when a peer that the call waits for was first seen to have left, else 0
    private readonly CallBoard _board;
    private readonly StallInquiry _stall; // of the running call
    private Fault? _found; // while the call stalled: it ends by it
    private bool _isEnding; // the queued operation that runs cannot go on, and its end is not complete
    private int _inside; // 1 while a thread is inside a public call
    private int _holds; // calls beside the queue that are not over
    private readonly Lock _stopGate = new(); // an abort while another thread disposes
    private bool _isStopped; // under the gate: nobody is inside any more, and what is used to wake them is freed
    private int _disposed;

    public Engine(IControlPlane control, PlanCache plans, TransferSet transfers, RegistrationTable registrations, Transport[] transports, WaitPolicy policy, TimeSpan timeout, int epoch, FlightRecorder? recorder)
    {
        Pool = new OperationPool(control.WorldSize);
        _control = control;
        _fault = control.Faults;
        _pace = control.Pace;
        _betweenLooks = _pace.IsReal ? PassesPerLook - 1 : 0;
        _behind = new Signal(_pace);
        _plans = plans;
        _transports = transports;
        _timeout = timeout;
        _recorder = recorder;
        _preparer = new CallPreparer(plans, transfers, registrations, timeout, epoch, _pace);
        _executor = new Executor(control.WorldSize, epoch);
        _waiter = new Waiter(policy, _pace);
        _faults = new FaultHandler(control, transports);
        _board = new CallBoard(_pace);
        _stall = new StallInquiry(control, _board, transfers);
        control.StatusOf = Status;
        control.FaultArrived = Wake;
        control.NewsArrived = Wake;
        Policy = policy;
        _looksAtOnce = policy.Spin == TimeSpan.Zero;
    }

    public OperationPool Pool { get; }

    public ProgressToken Token { get; } = new();

    public WaitPolicy Policy { get; }

    public ReadOnlySpan<Transport> Transports => _transports;

    /// <summary>The number of the last collective that this rank completed; 0 before the first.</summary>
    public ulong Completed => Volatile.Read(ref _completed);

    /// <summary>How many operations are queued or running.</summary>
    public int QueuedCount => _queue.Count;

    public bool HasQueued => _queue.Count != 0;

    /// <summary>The progress thread's own, under its gate: it drives this engine or is about to.</summary>
    public bool IsScheduled { get; set; }

    private bool IsIdle => !HasQueued && Token.IsFree && Volatile.Read(ref _inside) == 0 && Volatile.Read(ref _holds) == 0;

    /// <summary>Runs a call to its end on this thread, or behind the queued ones. The result is the rank that a receive from any rank was served by.</summary>
    public int Run(in Call call) => Run(call, group: null);

    /// <summary>Runs the calls of a group likewise, as one; the caller holds the group's memory.</summary>
    public void Run(GroupProgram group) => Run(default, group);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Run(in Call call, GroupProgram? group)
    {
        Enter();
        try
        {
            if (HasQueued || !Token.TryTake())
            {
                return RunBehind(call, group);
            }

            try
            {
                return group is null ? RunHere(call) : RunHere(group);
            }
            finally
            {
                Token.Release();
            }
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Queues a call that was filled in and watches its token; the progress thread runs it. Where this throws it was not queued, and is still the caller's.</summary>
    public void Submit(Operation operation, CancellationToken token)
    {
        Enter();
        try
        {
            operation.Watch(token, this);
            Enqueue(operation);
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Begins a call that the executor has no part in. Throws as every call does where another thread is inside, or the communicator is disposed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Enter()
    {
        if (ProgressToken.IsHeldByThisThread)
        {
            ThrowInReducer();
        }

        // The exchange is a full barrier between "inside" and the look at "disposed"; partner: TryStop. One of the two sees the other.
        bool isFirst = Interlocked.CompareExchange(ref _inside, 1, 0) == 0;
        if (Volatile.Read(ref _disposed) != 0)
        {
            if (isFirst)
            {
                Volatile.Write(ref _inside, 0);
            }

            ThrowDisposed();
        }

        if (!isFirst)
        {
            ThrowConcurrent();
        }
    }

    /// <summary>The thread that entered is outside again.</summary>
    public void Exit() => Volatile.Write(ref _inside, 0);

    /// <summary>What a thread began inside goes on after its <see cref="Exit"/>: until <see cref="LetGo"/> nothing that it uses is freed.</summary>
    public void Hold() => Interlocked.Increment(ref _holds);

    public void LetGo() => Interlocked.Decrement(ref _holds);

    /// <summary>Ends what peers may still do to this rank's memory. The communicator is at fault.</summary>
    public void Fence() => _faults.Fence();

    /// <summary>A queued operation's token asked to cancel it: any thread.</summary>
    public void Cancel(Operation operation)
    {
        Interlocked.CompareExchange(ref _canceled, operation, null);
        Wake();
    }

    /// <summary>After the last call, before the goodbye: tells the others of a failure that no call has seen.</summary>
    public void ReportUndelivered() => _faults.ReportUndelivered();

    /// <summary>Wakes whoever sleeps for this communicator, from any thread.</summary>
    public void Wake()
    {
        _waiter.Wake();
        ProgressThread.Of(_pace).Wake();
    }

    /// <summary>
    /// Waits for running and queued calls up to the communicator's deadline, then ends them by a fault. Later calls throw <see cref="ObjectDisposedException"/>. False when a thread is still
    /// inside (in a reducer that does not return): then nothing that it may touch can be freed.
    /// </summary>
    public bool TryStop()
    {
        Interlocked.Exchange(ref _disposed, 1); // a full barrier; partner: Enter
        if (!WaitUntilIdle(_timeout))
        {
            _control.Report(new Fault { Error = Error.Timeout, Reporter = _control.Rank, Peer = _control.Rank, Message = $"Rank {_control.Rank} disposed its communicator while a call was running on it, and the call did not end within {_timeout.TotalSeconds:0.###} s (RDMACC_TIMEOUT)." });
            Wake();
            if (!WaitUntilIdle(StopGrace))
            {
                return false;
            }
        }

        lock (_stopGate)
        {
            _isStopped = true;
        }

        _waiter.Dispose();
        _plans.Dispose();
        return true;
    }

    /// <summary>One pass over the queued operation that is first; under the token. False when nothing moved.</summary>
    public bool DriveQueued()
    {
        Operation? canceled = _current is { IsCanceled: true } running ? running : Volatile.Read(ref _canceled);
        if (canceled is not null && !_fault.IsSet)
        {
            _faults.ReportCanceled(canceled.Describe());
        }

        if (_current is null && !TryStartNext())
        {
            return false;
        }

        if (_current is null)
        {
            return true; // it ended before it began
        }

        if (_isEnding)
        {
            return TryEnd();
        }

        // Not one more pass after a fault: it might complete the call that was just reported as cancelled.
        Advance advance = _fault.IsSet ? Advance.Idle : _executor.Pass(ref _frame);
        Settle(_transports); // another engine may have the thread for long
        if (advance == Advance.Done)
        {
            Finish(_frame, isComplete: true);
            if (TryGoOn(_current))
            {
                return true;
            }

            _current.Source = SourceOf(_frame);
            Complete(null);
            return true;
        }

        if (MustEnd(advance, _frame))
        {
            BeginEnd(advance, _frame);
            _isEnding = true;
            return TryEnd();
        }

        return advance == Advance.Moved;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Prepare(in Call call, out CallFrame frame)
    {
        _idlePasses = 0;
        _leftSince = 0;
        _stall.Reset();
        _preparer.Prepare(call, out frame);
    }

    // For all who may ask: the call has begun.
    private void Begin(in Call call, ref CallFrame frame)
    {
        _preparer.Begin(call, ref frame);
        _board.Begin(_preparer.Current, frame.Entered);
        _recorder?.Begin(_preparer.Current, frame.Plan?.Algorithm, frame.Entered);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(in CallFrame frame, bool isComplete)
    {
        if (isComplete && frame.Plan is not null)
        {
            Volatile.Write(ref _completed, _preparer.Current.Sequence);
        }

        long now = _pace.Timestamp;
        _recorder?.End(isComplete ? FlightOutcome.Completed : FlightOutcome.Failed, atOnce: _idlePasses == 0, now);
        _board.End(isComplete && frame.Plan is not null ? _preparer.Current.Sequence : 0, now);
        CallPreparer.LetGo(frame);
    }

    private bool WaitUntilIdle(TimeSpan longest)
    {
        long deadline = _pace.Timestamp + Ticks.Of(longest);
        var wait = default(SpinWait);
        while (!IsIdle)
        {
            long left = deadline - _pace.Timestamp;
            if (left < 0)
            {
                return false;
            }

            if (_pace.IsReal)
            {
                wait.SpinOnce();
            }
            else
            {
                _pace.Idle(Ticks.ToTime(left));
            }
        }

        return true;
    }

    [DoesNotReturn]
    private static void ThrowInReducer() =>
        throw new InvalidOperationException("A collective was called from a reducer: a reducer computes on its operands and nothing else.");

    [DoesNotReturn]
    private static void ThrowDisposed() => throw new ObjectDisposedException(nameof(Communicator));

    [DoesNotReturn]
    private static void ThrowConcurrent() =>
        throw new InvalidOperationException("Another thread is inside a call of this communicator: a communicator is used by one flow at a time. Use one communicator per thread, or queue the calls with the Async methods.");
}
