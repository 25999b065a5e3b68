using System.Buffers;
using System.Threading.Tasks.Sources;

namespace RdmaCollectives.Execution;

/// <summary>
/// A queued call: pooled, awaited once. States: free -> filled -> queued -> running -> completed -> (GetResult) free, and filled -> free where it is not queued after all.
/// Continuations never run on the thread that completes it.
/// </summary>
internal sealed class Operation : IValueTaskSource
{
    private readonly OperationPool _pool;
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private MemoryHandle _sendPin;
    private MemoryHandle _receivePin;
    private CancellationTokenRegistration _cancellation;
    private Engine? _engine;
    private bool _isCanceled;

    public Operation(OperationPool pool) => _pool = pool;

    /// <summary>The call; valid from filled to completed.</summary>
    public Call Call;

    /// <summary>The caller's token asked to cancel it.</summary>
    public bool IsCanceled => Volatile.Read(ref _isCanceled);

    public CancellationToken Token { get; private set; }

    /// <summary>Set when it is complete, for a synchronous caller that waits; no thread of a pool is needed for that.</summary>
    public ManualResetEventSlim? Done { get; set; }

    public Operation? Next { get; set; }

    public ValueTask Task => new(this, _core.Version);

    /// <summary>Pins both buffers until the operation is complete.</summary>
    public unsafe void Pin<T>(ReadOnlyMemory<T> send, Memory<T> receive, out T* from, out T* to)
        where T : unmanaged
    {
        _sendPin = send.Pin();
        _receivePin = receive.Pin();
        from = (T*)_sendPin.Pointer;
        to = (T*)_receivePin.Pointer;
    }

    /// <summary>Watches the token; called before the operation is queued.</summary>
    public void Watch(CancellationToken token, Engine engine)
    {
        Token = token;
        if (token.CanBeCanceled)
        {
            _engine = engine;
            _cancellation = token.UnsafeRegister(static state => ((Operation)state!).OnCancel(), this);
        }
    }

    /// <summary>For people; the operation may not have its sequence yet.</summary>
    public string Describe() => Call.Describe(0, 0, 0).ToString()[3..];

    /// <summary>The token cannot cancel it any more: waits for a callback that is under way.</summary>
    public void StopWatching() => _cancellation.Dispose();

    /// <summary>It will not be queued: gives back what it holds.</summary>
    public void Abandon()
    {
        StopWatching();
        Unpin();
        Recycle();
    }

    public void Complete(Exception? error)
    {
        StopWatching();
        Unpin();
        ManualResetEventSlim? done = Done; // from the result on, the operation is its awaiter's
        if (error is null)
        {
            _core.SetResult(true);
        }
        else
        {
            _core.SetException(error);
        }

        done?.Set();
    }

    public void GetResult(short token)
    {
        // Also throws for a second await: by then the operation may be another call's, and must not be recycled under it.
        if (_core.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The operation is not complete: await its ValueTask, or call AsTask() to wait for it in another way.");
        }

        try
        {
            _core.GetResult(token);
        }
        finally
        {
            Recycle();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void OnCancel()
    {
        Volatile.Write(ref _isCanceled, true);
        _engine?.Cancel(this);
    }

    private void Unpin()
    {
        _sendPin.Dispose();
        _receivePin.Dispose();
    }

    private void Recycle()
    {
        Call = default;
        _sendPin = default;
        _receivePin = default;
        _cancellation = default;
        _engine = null;
        Token = default;
        Done = null;
        _isCanceled = false;
        Next = null;
        _core.Reset();
        _pool.Return(this);
    }
}
