namespace RdmaCollectives;

public sealed unsafe partial class Communicator
{
    /// <summary>Reduces the elements of all ranks, and gives the root the result.</summary>
    /// <typeparam name="T">An element type that <see cref="DataType"/> lists.</typeparam>
    /// <param name="send">This rank's elements; the same count on every rank, 0 included.</param>
    /// <param name="receive">At the root the result, as long as <paramref name="send"/>: the same memory, or memory that does not overlap it. Not looked at elsewhere; may be empty.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <remarks>Cost: small buffers log2(n) hops, large ones a pipeline of n-1 hops in which each rank sends the buffer once (docs/algorithms.md).</remarks>
    /// <exception cref="ArgumentException">Lengths differ, buffers overlap in part, the root is not a rank, or there is no built-in reduction for the type. Nothing was sent.</exception>
    /// <exception cref="CollectiveMismatchException">Another rank made a different call.</exception>
    /// <exception cref="CommunicatorFaultException">A rank died, a deadline passed, or the communicator is at fault already.</exception>
    /// <exception cref="InvalidOperationException">Another thread is inside a call, or a reducer called.</exception>
    public void Reduce<T>(ReadOnlySpan<T> send, Span<T> receive, ReduceOp op, int root, in OperationOptions options = default)
        where T : unmanaged
    {
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(_calls.Reduce(from, (ulong)send.Length, to, (ulong)receive.Length, root, ElementType.Of<T>(), ReduceBy.Of<T>(op), options));
        }
    }

    /// <summary>Reduces in place: the root's elements become the result, those of the other ranks stay as they are.</summary>
    /// <param name="inPlace">This rank's elements, and at the root the result.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="Reduce{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, int, in OperationOptions)"/>
    public void Reduce<T>(Span<T> inPlace, ReduceOp op, int root, in OperationOptions options = default)
        where T : unmanaged => Reduce(inPlace, inPlace, op, root, options);

    /// <summary>Reduces by a reducer of the user's own.</summary>
    /// <typeparam name="T">The element type: any unmanaged type of at most <see cref="CommunicatorOptions.ChunkBytes"/> bytes.</typeparam>
    /// <typeparam name="TReducer">The reducer; a struct, inferred.</typeparam>
    /// <param name="send">This rank's elements.</param>
    /// <param name="receive">At the root the result; the same memory or not overlapping.</param>
    /// <param name="reducer">How elements are combined; of the same type on all ranks. One that throws is a fault of the communicator.</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="Reduce{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, int, in OperationOptions)"/>
    public void Reduce<T, TReducer>(ReadOnlySpan<T> send, Span<T> receive, TReducer reducer, int root, in OperationOptions options = default)
        where T : unmanaged
        where TReducer : unmanaged, IReducer<T>
    {
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(_calls.Reduce(from, (ulong)send.Length, to, (ulong)receive.Length, root, ElementType.Of<T>(), ReduceBy.Of<T, TReducer>(&reducer), options));
        }
    }

    /// <summary>Reduces over raw memory, which must not move or be freed during the call.</summary>
    /// <param name="send">This rank's elements.</param>
    /// <param name="receive">At the root the result; equal to <paramref name="send"/> or not overlapping it. Elsewhere it may be null.</param>
    /// <param name="elementCount">Elements, not bytes.</param>
    /// <param name="type">The element type.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="Reduce{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, int, in OperationOptions)"/>
    public void Reduce(void* send, void* receive, nuint elementCount, DataType type, ReduceOp op, int root, in OperationOptions options = default) =>
        _engine.Run(_calls.Reduce(send, elementCount, receive, elementCount, root, ElementType.Of(type), ReduceBy.Of(type, op), options));

    /// <summary>Queues a reduction and returns; the memory stays pinned until it is done.</summary>
    /// <param name="send">This rank's elements.</param>
    /// <param name="receive">At the root the result; the same memory or not overlapping.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">Looked at before the call is queued: then nothing is sent. Cancelling later is a fault of the communicator on all ranks; there is no cancelling of one operation.</param>
    /// <returns>Done when the result is there. Await it once. It never completes on a thread of this library; the hop costs some microseconds, so for latency use the synchronous form.</returns>
    /// <inheritdoc cref="Reduce{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, int, in OperationOptions)"/>
    public ValueTask ReduceAsync<T>(ReadOnlyMemory<T> send, Memory<T> receive, ReduceOp op, int root, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* from = send.Span)
        fixed (T* to = receive.Span)
        {
            return Queue(_calls.Reduce(from, (ulong)send.Length, to, (ulong)receive.Length, root, ElementType.Of<T>(), ReduceBy.Of<T>(op), options), send, receive, cancellationToken);
        }
    }

    /// <summary>Queues a reduction by a reducer of the user's own, which is copied, and returns.</summary>
    /// <param name="send">This rank's elements.</param>
    /// <param name="receive">At the root the result; the same memory or not overlapping.</param>
    /// <param name="reducer">How elements are combined; of the same type on all ranks. One that throws is a fault of the communicator.</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">As in the other form.</param>
    /// <inheritdoc cref="ReduceAsync{T}(ReadOnlyMemory{T}, Memory{T}, ReduceOp, int, in OperationOptions, CancellationToken)"/>
    public ValueTask ReduceAsync<T, TReducer>(ReadOnlyMemory<T> send, Memory<T> receive, TReducer reducer, int root, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
        where TReducer : unmanaged, IReducer<T>
    {
        fixed (T* from = send.Span)
        fixed (T* to = receive.Span)
        {
            return Queue(_calls.Reduce(from, (ulong)send.Length, to, (ulong)receive.Length, root, ElementType.Of<T>(), ReduceBy.Of<T, TReducer>(&reducer), options), send, receive, reducer, cancellationToken);
        }
    }
}
