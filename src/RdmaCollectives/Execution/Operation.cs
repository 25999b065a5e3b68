using System.Threading.Tasks.Sources;

namespace RdmaCollectives.Execution;

/// <summary>
/// A queued call: pooled, awaited once. States: free -> filled -> queued -> running -> completed -> (GetResult) free. Continuations never run on the thread that completes it.
/// </summary>
internal sealed class Operation : IValueTaskSource
{
    private readonly OperationPool _pool;
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private System.Buffers.MemoryHandle _sendPin;
    private System.Buffers.MemoryHandle _receivePin;
    private CancellationTokenRegistration _cancellation;
    private Engine? _engine;
    private bool _isCanceled;

    public Operation(OperationPool pool) => _pool = pool;

    /// <summary>The call; valid from filled to completed.</summary>
    public Call Call;

    /// <summary>The caller's token asked to cancel it.</summary>
    public bool IsCanceled => Volatile.Read(ref _isCanceled);

    public CancellationToken Token { get; private set; }

    public Operation? Next { get; set; }

    public ValueTask Task => new(this, _core.Version);

    public bool IsCompleted => _core.GetStatus(_core.Version) != ValueTaskSourceStatus.Pending;

    public void Pin(System.Buffers.MemoryHandle send, System.Buffers.MemoryHandle receive)
    {
        _sendPin = send;
        _receivePin = receive;
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

    private void OnCancel()
    {
        Volatile.Write(ref _isCanceled, true);
        _engine?.Cancel(this);
    }

    public void Complete(Exception? error)
    {
        _cancellation.Dispose();
        _sendPin.Dispose();
        _receivePin.Dispose();
        if (error is null)
        {
            _core.SetResult(true);
        }
        else
        {
            _core.SetException(error);
        }
    }

    public void GetResult(short token)
    {
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

    private void Recycle()
    {
        Call = default;
        _sendPin = default;
        _receivePin = default;
        _cancellation = default;
        _engine = null;
        Token = default;
        _isCanceled = false;
        Next = null;
        _core.Reset();
        _pool.Return(this);
    }
}
