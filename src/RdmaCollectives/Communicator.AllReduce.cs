namespace RdmaCollectives;

public sealed unsafe partial class Communicator
{
    /// <summary>Reduces the elements of all ranks, and gives every rank the result: <c>receive[i] = send(0)[i] (+) ... (+) send(n-1)[i]</c>, the same bits on every rank.</summary>
    /// <typeparam name="T">An element type that <see cref="DataType"/> lists.</typeparam>
    /// <param name="send">This rank's elements; the same count on every rank, 0 included.</param>
    /// <param name="receive">The result; as long as <paramref name="send"/>. The same memory as <paramref name="send"/>, or memory that does not overlap it.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <remarks>Cost: small buffers 1 hop (2 ranks, or 4) to 2 log2(n) hops with the whole buffer in each message; large ones up to 2(n-1) hops, and each rank sends 2(n-1)/n of the buffer (docs/algorithms.md, "Which is taken"). Allocates nothing when the same shape is called again.</remarks>
    /// <exception cref="ArgumentException">Lengths differ, buffers overlap in part, there is no built-in reduction for the type, or the named algorithm does not serve. Nothing was sent.</exception>
    /// <exception cref="CollectiveMismatchException">Another rank made a different call.</exception>
    /// <exception cref="CommunicatorFaultException">A rank died, a deadline passed, or the communicator is at fault already.</exception>
    /// <exception cref="InvalidOperationException">Another thread is inside a call, or a reducer called.</exception>
    public void AllReduce<T>(ReadOnlySpan<T> send, Span<T> receive, ReduceOp op, in OperationOptions options = default)
        where T : unmanaged
    {
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(_calls.AllReduce(from, (ulong)send.Length, to, (ulong)receive.Length, ElementType.Of<T>(), ReduceBy.Of<T>(op), options));
        }
    }

    /// <summary>All-reduce in place.</summary>
    /// <param name="inPlace">This rank's elements, and the result.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="AllReduce{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, in OperationOptions)"/>
    public void AllReduce<T>(Span<T> inPlace, ReduceOp op, in OperationOptions options = default)
        where T : unmanaged => AllReduce(inPlace, inPlace, op, options);

    /// <summary>All-reduce by a reducer of the user's own.</summary>
    /// <typeparam name="T">The element type: any unmanaged type of at most <see cref="CommunicatorOptions.ChunkBytes"/> bytes.</typeparam>
    /// <typeparam name="TReducer">The reducer; a struct, inferred.</typeparam>
    /// <param name="send">This rank's elements.</param>
    /// <param name="receive">The result; the same memory or not overlapping.</param>
    /// <param name="reducer">How elements are combined; of the same type on all ranks. One that throws is a fault of the communicator.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="AllReduce{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, in OperationOptions)"/>
    public void AllReduce<T, TReducer>(ReadOnlySpan<T> send, Span<T> receive, TReducer reducer, in OperationOptions options = default)
        where T : unmanaged
        where TReducer : unmanaged, IReducer<T>
    {
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(_calls.AllReduce(from, (ulong)send.Length, to, (ulong)receive.Length, ElementType.Of<T>(), ReduceBy.Of<T, TReducer>(&reducer), options));
        }
    }

    /// <summary>All-reduce in place, by a reducer of the user's own.</summary>
    /// <param name="inPlace">This rank's elements, and the result.</param>
    /// <param name="reducer">How elements are combined; of the same type on all ranks. One that throws is a fault of the communicator.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="AllReduce{T, TReducer}(ReadOnlySpan{T}, Span{T}, TReducer, in OperationOptions)"/>
    public void AllReduce<T, TReducer>(Span<T> inPlace, TReducer reducer, in OperationOptions options = default)
        where T : unmanaged
        where TReducer : unmanaged, IReducer<T> => AllReduce<T, TReducer>(inPlace, inPlace, reducer, options);

    /// <summary>All-reduce over raw memory: for other languages, for counts over 2^31. The memory must not move or be freed during the call.</summary>
    /// <param name="send">This rank's elements.</param>
    /// <param name="receive">The result; equal to <paramref name="send"/>, or not overlapping it.</param>
    /// <param name="elementCount">Elements, not bytes.</param>
    /// <param name="type">The element type.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="AllReduce{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, in OperationOptions)"/>
    public void AllReduce(void* send, void* receive, nuint elementCount, DataType type, ReduceOp op, in OperationOptions options = default) =>
        _engine.Run(_calls.AllReduce(send, elementCount, receive, elementCount, ElementType.Of(type), ReduceBy.Of(type, op), options));

    /// <summary>Queues an all-reduce and returns; the memory stays pinned until it is done.</summary>
    /// <param name="send">This rank's elements.</param>
    /// <param name="receive">The result; the same memory or not overlapping.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">Looked at before the call is queued: then nothing is sent. Cancelling later is a fault of the communicator on all ranks; there is no cancelling of one operation.</param>
    /// <returns>Done when the result is there. Await it once. It never completes on a thread of this library; the hop costs some microseconds, so for latency use the synchronous form.</returns>
    /// <inheritdoc cref="AllReduce{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, in OperationOptions)"/>
    public ValueTask AllReduceAsync<T>(ReadOnlyMemory<T> send, Memory<T> receive, ReduceOp op, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* from = send.Span)
        fixed (T* to = receive.Span)
        {
            return Queue(_calls.AllReduce(from, (ulong)send.Length, to, (ulong)receive.Length, ElementType.Of<T>(), ReduceBy.Of<T>(op), options), send, receive, cancellationToken);
        }
    }

    /// <summary>Queues an all-reduce in place and returns.</summary>
    /// <param name="inPlace">This rank's elements, and the result.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">As in the other form.</param>
    /// <inheritdoc cref="AllReduceAsync{T}(ReadOnlyMemory{T}, Memory{T}, ReduceOp, in OperationOptions, CancellationToken)"/>
    public ValueTask AllReduceAsync<T>(Memory<T> inPlace, ReduceOp op, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged => AllReduceAsync(inPlace, inPlace, op, options, cancellationToken);

    /// <summary>Queues an all-reduce by a reducer of the user's own, which is copied, and returns.</summary>
    /// <param name="send">This rank's elements.</param>
    /// <param name="receive">The result; the same memory or not overlapping.</param>
    /// <param name="reducer">How elements are combined; of the same type on all ranks. One that throws is a fault of the communicator.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">As in the other form.</param>
    /// <inheritdoc cref="AllReduceAsync{T}(ReadOnlyMemory{T}, Memory{T}, ReduceOp, in OperationOptions, CancellationToken)"/>
    public ValueTask AllReduceAsync<T, TReducer>(ReadOnlyMemory<T> send, Memory<T> receive, TReducer reducer, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
        where TReducer : unmanaged, IReducer<T>
    {
        fixed (T* from = send.Span)
        fixed (T* to = receive.Span)
        {
            return Queue(_calls.AllReduce(from, (ulong)send.Length, to, (ulong)receive.Length, ElementType.Of<T>(), ReduceBy.Of<T, TReducer>(&reducer), options), send, receive, reducer, cancellationToken);
        }
    }
}
