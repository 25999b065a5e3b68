using RdmaCollectives.Execution;

namespace RdmaCollectives;

/// <summary>How the asynchronous forms get into the queue.</summary>
public sealed unsafe partial class Communicator
{
    // The caller has the memory fixed for as long as this takes, so that the addresses in the call are those that are pinned here.
    private ValueTask Queue<T>(in Call call, ReadOnlyMemory<T> send, Memory<T> receive, CancellationToken cancellationToken)
        where T : unmanaged
    {
        Operation operation = Prepare(call, send, receive, cancellationToken);
        ValueTask task = operation.Task;
        Submit(operation, cancellationToken);
        return task;
    }

    private ValueTask Queue<T, TReducer>(in Call call, ReadOnlyMemory<T> send, Memory<T> receive, TReducer reducer, CancellationToken cancellationToken)
        where T : unmanaged
        where TReducer : unmanaged, IReducer<T>
    {
        Operation operation = Prepare(call, send, receive, cancellationToken);
        operation.Call.KernelState = operation.Keep(reducer);
        ValueTask task = operation.Task;
        Submit(operation, cancellationToken);
        return task;
    }

    private Operation Prepare<T>(in Call call, ReadOnlyMemory<T> send, Memory<T> receive, CancellationToken cancellationToken)
        where T : unmanaged
    {
        cancellationToken.ThrowIfCancellationRequested();
        Operation operation = _engine.Pool.Rent();
        try
        {
            operation.Pin(send, receive);
        }
        catch
        {
            operation.Abandon();
            throw;
        }

        operation.Call = call;
        operation.OwnsBlocks = call.Blocks is not null;
        return operation;
    }

    private void Submit(Operation operation, CancellationToken cancellationToken)
    {
        try
        {
            _engine.Submit(operation, cancellationToken);
        }
        catch
        {
            operation.Abandon();
            throw;
        }
    }

    // This rank's block of a buffer that has one for every rank.
    private Span<T> OwnBlock<T>(Span<T> all)
    {
        if (all.Length % WorldSize != 0)
        {
            throw new ArgumentException($"inPlace has {all.Length} elements, which {WorldSize} ranks cannot divide evenly: pass a multiple of {WorldSize}.", "inPlace");
        }

        int count = all.Length / WorldSize;
        return all.Slice(Rank * count, count);
    }
}
