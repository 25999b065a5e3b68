using System.Diagnostics;
using System.Runtime.CompilerServices;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Memory;
using RdmaCollectives.Planning;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>
/// Runs the calls of one communicator, one after the other. Progress belongs to whoever holds the token (one compare-exchange): a synchronous call on an idle communicator
/// takes it and runs on the caller's thread with no lock and no system call; queued calls are driven by the progress thread, and a synchronous call behind them queues as well.
/// The first fault ends everything: fence first, then report, then throw.
/// </summary>
internal sealed unsafe class Engine : IDisposable
{
    private readonly IControlPlane _control;
    private readonly PlanCache _plans;
    private readonly RegistrationTable _registrations;
    private readonly Transport[] _transports;
    private readonly Executor _executor;
    private readonly Waiter _waiter;
    private readonly OperationQueue _queue = new();
    private readonly TimeSpan _timeout;
    private readonly int _epoch;
    private readonly FaultHandler _faults;
    private readonly CallLog _calls = new();
    private CallFrame _frame; // of the queued operation that runs now
    private Operation? _current;
    private Operation? _canceled;
    private ulong _sequence;
    private int _token;
    private int _inside; // managed id of the thread inside a public call, else 0
    private int _driver; // managed id of the thread that holds the token, else 0
    private int _disposed;
    private bool _leftBefore;

    public Engine(IControlPlane control, PlanCache plans, RegistrationTable registrations, Transport[] transports, WaitPolicy policy, TimeSpan timeout, int epoch)
    {
        _control = control;
        _plans = plans;
        _registrations = registrations;
        _transports = transports;
        _timeout = timeout;
        _epoch = epoch;
        _executor = new Executor(control.WorldSize);
        _waiter = new Waiter(policy);
        _faults = new FaultHandler(control, transports);
        control.CallOf = _calls.Find;
        control.FaultArrived = Wake;
        Policy = policy;
    }

    public OperationPool Pool { get; } = new();

    public WaitPolicy Policy { get; }

    public ReadOnlySpan<Transport> Transports => _transports;

    /// <summary>Runs a call to its end on this thread, or behind the queued ones.</summary>
    public void Run(in Call call)
    {
        Enter();
        try
        {
            if (_queue.Count == 0 && TryTakeToken())
            {
                try
                {
                    RunHere(call);
                }
                finally
                {
                    ReleaseToken();
                }
            }
            else
            {
                RunBehind(call);
            }
        }
        finally
        {
            Volatile.Write(ref _inside, 0);
        }
    }

    /// <summary>Queues a call that was filled in and watches its token; the progress thread runs it.</summary>
    public ValueTask RunAsync(Operation operation, CancellationToken token)
    {
        Enter();
        try
        {
            operation.Watch(token, this);
            ValueTask task = operation.Task;
            Enqueue(operation);
            return task;
        }
        finally
        {
            Volatile.Write(ref _inside, 0);
        }
    }

    /// <summary>Makes the communicator unusable on every rank, at once and from any thread.</summary>
    public void Abort(string reason)
    {
        _control.Report(new Fault { Error = Error.Aborted, Reporter = _control.Rank, Peer = _control.Rank, Message = reason });
        Wake();
    }

    /// <summary>A queued operation's token asked to cancel it: any thread.</summary>
    public void Cancel(Operation operation)
    {
        Interlocked.CompareExchange(ref _canceled, operation, null);
        Wake();
    }

    /// <summary>Wakes whoever sleeps for this communicator, from any thread.</summary>
    public void Wake()
    {
        _waiter.Wake();
        ProgressThread.Shared.Wake();
    }

    /// <summary>Waits for queued calls up to the communicator's deadline. Later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        long deadline = Stopwatch.GetTimestamp() + ToTicks(_timeout);
        var wait = default(SpinWait);
        while ((_queue.Count != 0 || Volatile.Read(ref _token) != 0) && Stopwatch.GetTimestamp() < deadline)
        {
            wait.SpinOnce();
        }

        _waiter.Dispose();
        _plans.Dispose();
    }

    // ---- The token ----

    public bool TryTakeToken()
    {
        if (Interlocked.CompareExchange(ref _token, 1, 0) != 0)
        {
            return false;
        }

        Volatile.Write(ref _driver, Environment.CurrentManagedThreadId);
        return true;
    }

    public void ReleaseToken()
    {
        Volatile.Write(ref _driver, 0);
        Volatile.Write(ref _token, 0);
    }

    public bool HasQueued => _queue.Count != 0;

    /// <summary>One pass over the queued operation that is first; under the token. False when nothing moved.</summary>
    public bool DriveQueued()
    {
        if (Volatile.Read(ref _canceled) is { } canceled && !_control.Faults.IsSet)
        {
            _faults.ReportCanceled(canceled.Describe());
        }

        if (_current is null)
        {
            _current = _queue.TryDequeue();
            if (_current is null)
            {
                return false;
            }

            if (_current.IsCanceled)
            {
                Complete(FaultHandler.Canceled(_current.Token, _current.Describe()));
                return true;
            }

            try
            {
                Prepare(_current.Call, out _frame);
            }
            catch (Exception error)
            {
                Complete(error);
                return true;
            }
        }

        Advance advance = _executor.Pass(ref _frame);
        Exception? stopped = advance == Advance.Done ? null : Check(advance, _frame);
        if (advance == Advance.Done || stopped is not null)
        {
            LetGo(_frame);
            Complete(stopped is not null && _current.IsCanceled ? FaultHandler.Canceled(_current.Token, _current.Describe()) : stopped);
            return true;
        }

        return advance == Advance.Moved;
    }

    // ---- Running ----

    private void RunHere(in Call call)
    {
        Prepare(call, out CallFrame frame);
        while (true)
        {
            Advance advance = _executor.Pass(ref frame);
            Exception? stopped = advance == Advance.Done ? null : Check(advance, frame);
            if (advance == Advance.Done || stopped is not null)
            {
                _waiter.Reset(frame.Plan.Transports);
                LetGo(frame);
                if (stopped is not null)
                {
                    throw stopped;
                }

                return;
            }

            if (advance == Advance.Moved)
            {
                _waiter.Reset(frame.Plan.Transports);
            }
            else
            {
                _waiter.Turn(frame.Plan.Transports);
            }
        }
    }

    // The caller waits here for its turn: the memory it pinned stays pinned, so nothing has to be copied.
    private void RunBehind(in Call call)
    {
        Operation operation = Pool.Rent();
        operation.Call = call;
        ValueTask task = operation.Task;
        Enqueue(operation);
        var wait = default(SpinWait);
        while (!task.IsCompleted)
        {
            wait.SpinOnce();
        }

        task.GetAwaiter().GetResult();
    }

    private void Enqueue(Operation operation)
    {
        _queue.Enqueue(operation);
        ProgressThread.Shared.Add(this);
    }

    private void Complete(Exception? error)
    {
        Operation operation = _current!;
        _current = null;
        _queue.Completed(); // before the continuation can look
        operation.Complete(error);
    }

    private void Prepare(in Call call, out CallFrame frame)
    {
        _faults.ThrowIfSet();
        Plan plan = _plans.Get(new PlanKey(call.Collective, call.Kernel.ElementSize, call.ElementCount, call.Root, !call.Kernel.IsCommutative));
        ulong sequence = ++_sequence;
        CallDescription description = call.Describe(sequence, _epoch, plan.Fingerprint);
        _calls.Add(description);
        nuint byteCount = (nuint)(call.ElementCount * (ulong)call.Kernel.ElementSize);
        frame = new CallFrame
        {
            Plan = plan,
            Input = call.Input,
            Output = call.Output,
            InputRegistration = Hold(call.Input, byteCount),
            Kernel = call.Kernel,
            KernelState = call.KernelState,
            Deadline = Stopwatch.GetTimestamp() + ToTicks(call.Deadline > TimeSpan.Zero ? call.Deadline : _timeout),
        };
        frame.OutputRegistration = call.Output == call.Input ? frame.InputRegistration : Hold(call.Output, byteCount);
        frame.Header.Hash = plan.HashOf(description);
        frame.Header.Sequence = (uint)sequence;
        frame.Header.Epoch = (byte)_epoch;
        Executor.Begin(frame);
    }

    // A call keeps its registered buffers: disposing one in the middle takes effect at the end.
    private MemoryRegistration? Hold(byte* address, nuint byteCount)
    {
        MemoryRegistration? registration = _registrations.Find(address, byteCount);
        ObjectDisposedException.ThrowIf(registration is not null && !registration.Uses.TryHold(), typeof(RegisteredBuffer<>));
        return registration;
    }

    private static void LetGo(in CallFrame frame)
    {
        frame.InputRegistration?.Uses.Release();
        if (frame.Output != frame.Input)
        {
            frame.OutputRegistration?.Uses.Release();
        }
    }

    /// <summary>Between two passes: whether the call has to end, and as what. The common case is one volatile read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Exception? Check(Advance advance, in CallFrame frame)
    {
        if (advance <= Advance.Moved && !_control.Faults.IsSet && !(advance == Advance.Idle && _waiter.IsTimeToLook && IsOver(frame)))
        {
            return null;
        }

        return _faults.Stop(advance, _executor, frame, _calls.Find(_sequence)!.Value);
    }

    // The deadline has passed, or a peer that we wait for has left and two looks in a row brought nothing: what it sent before it said so has been seen by then.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsOver(in CallFrame frame)
    {
        bool left = _faults.AwaitedPeerThatLeft(frame.Plan) >= 0;
        bool over = Stopwatch.GetTimestamp() > frame.Deadline || (left && _leftBefore);
        _leftBefore = left;
        return over;
    }

    private void Enter()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, typeof(Communicator));
        int thread = Environment.CurrentManagedThreadId;
        if (Volatile.Read(ref _driver) == thread)
        {
            throw new InvalidOperationException("A collective was called from a reducer: a reducer computes on its operands and nothing else.");
        }

        if (Interlocked.CompareExchange(ref _inside, thread, 0) != 0)
        {
            throw new InvalidOperationException("Another thread is inside a call of this communicator: a communicator is used by one flow at a time. Use one communicator per thread, or queue the calls with the Async methods.");
        }
    }

    private static long ToTicks(TimeSpan time) => (long)Math.Min(time.TotalSeconds * Stopwatch.Frequency, long.MaxValue / 4);
}
