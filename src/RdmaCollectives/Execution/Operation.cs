using System.Buffers;
using System.Threading.Tasks.Sources;
using RdmaCollectives.Memory;
using RdmaCollectives.Planning;
using RdmaCollectives.Timing;

namespace RdmaCollectives.Execution;

/// <summary>
/// A queued call: pooled, awaited once. States: free -> filled -> queued -> running -> completed -> (GetResult) free, and filled -> free where it is not queued after all.
/// Continuations never run on the thread that completes it.
/// </summary>
internal sealed class Operation : IValueTaskSource, IValueTaskSource<int>
{
    private readonly OperationPool _pool;
    private ManualResetValueTaskSourceCore<int> _core = new() { RunContinuationsAsynchronously = true };
    private MemoryHandle _sendPin;
    private MemoryHandle _receivePin;
    private CancellationTokenRegistration _cancellation;
    private Engine? _engine;
    private NativeBuffer? _reducer; // kept for the next one
    private bool _isCanceled;

    public Operation(OperationPool pool) => _pool = pool;

    /// <summary>The call; valid from filled to completed.</summary>
    public Call Call;

    /// <summary>The block sizes of the call go back to the pool with the operation.</summary>
    public bool OwnsBlocks;

    /// <summary>The calls of a group, in place of one; valid likewise.</summary>
    public GroupProgram? Group;

    /// <summary>The operation has a count on the group's memory, until it is complete.</summary>
    public bool HoldsGroup;

    /// <summary>The stage of the group that runs.</summary>
    public int Stage;

    /// <summary>The rank that a receive from any rank was served by.</summary>
    public int Source;

    /// <summary>The caller's token asked to cancel it.</summary>
    public bool IsCanceled => Volatile.Read(ref _isCanceled);

    public CancellationToken Token { get; private set; }

    /// <summary>Set when it is complete, for a synchronous caller that waits; no thread of a pool is needed for that.</summary>
    public Signal? Done { get; set; }

    public Operation? Next { get; set; }

    public ValueTask Task => new(this, _core.Version);

    /// <summary>The same with <see cref="Source"/> as its result.</summary>
    public ValueTask<int> TaskOfSource => new(this, _core.Version);

    /// <summary>Keeps a reducer until the operation is complete, and says where.</summary>
    public unsafe void* Keep<TReducer>(TReducer reducer)
        where TReducer : unmanaged
    {
        if (_reducer is null || _reducer.ByteCount < (nuint)sizeof(TReducer))
        {
            _reducer?.Dispose();
            _reducer = null; // should the next line throw
            _reducer = new NativeBuffer((nuint)sizeof(TReducer));
        }

        *(TReducer*)_reducer.Address = reducer;
        return _reducer.Address;
    }

    /// <summary>Pins both buffers until the operation is complete.</summary>
    public void Pin<T>(ReadOnlyMemory<T> send, Memory<T> receive)
        where T : unmanaged
    {
        _sendPin = send.Pin();
        _receivePin = receive.Pin();
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
    public string Describe() => Group is not null ? "a group" : Call.Describe(0, 0, 0).Words;

    /// <summary>The token cannot cancel it any more: waits for a callback that is under way.</summary>
    public void StopWatching() => _cancellation.Dispose();

    /// <summary>It will not be queued: gives back what it holds.</summary>
    public void Abandon()
    {
        StopWatching();
        Unpin();
        if (HoldsGroup)
        {
            Group!.Uses.Release();
            HoldsGroup = false;
        }

        Recycle();
    }

    public void Complete(Exception? error)
    {
        StopWatching();
        Unpin();
        if (HoldsGroup)
        {
            Group!.Uses.Release();
            HoldsGroup = false;
        }

        Signal? done = Done; // from the result on, the operation is its awaiter's
        if (error is null)
        {
            _core.SetResult(Source);
        }
        else
        {
            _core.SetException(error);
        }

        done?.Set();
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public int GetResult(short token)
    {
        // Also throws for a second await: by then the operation may be another call's, and must not be recycled under it.
        if (_core.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The operation is not complete: await its ValueTask, or call AsTask() to wait for it in another way.");
        }

        try
        {
            return _core.GetResult(token);
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
        if (OwnsBlocks)
        {
            _pool.Sizes.Return(Call.Blocks!);
        }

        OwnsBlocks = false;

        Call = default;
        Group = null;
        Stage = 0;
        Source = -1;
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
