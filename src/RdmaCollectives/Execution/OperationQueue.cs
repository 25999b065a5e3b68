namespace RdmaCollectives.Execution;

/// <summary>Queued operations in the order in which their methods were entered. The lock is on the asynchronous path alone, which crosses threads anyway.</summary>
internal sealed class OperationQueue
{
    private readonly Lock _gate = new();
    private Operation? _first;
    private Operation? _last;
    private int _count;

    /// <summary>Operations that are queued or running.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Enqueue(Operation operation)
    {
        lock (_gate)
        {
            if (_last is null)
            {
                _first = operation;
            }
            else
            {
                _last.Next = operation;
            }

            _last = operation;
            Interlocked.Increment(ref _count);
        }
    }

    /// <summary>Takes the first one; it counts until <see cref="Completed"/>.</summary>
    public Operation? TryDequeue()
    {
        lock (_gate)
        {
            Operation? operation = _first;
            if (operation is not null)
            {
                _first = operation.Next;
                operation.Next = null;
                if (_first is null)
                {
                    _last = null;
                }
            }

            return operation;
        }
    }

    public void Completed() => Interlocked.Decrement(ref _count);
}
