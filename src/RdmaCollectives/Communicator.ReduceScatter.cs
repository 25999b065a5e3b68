using RdmaCollectives.Planning;

namespace RdmaCollectives;

public sealed unsafe partial class Communicator
{
    /// <summary>Reduces the elements of all ranks, and gives every rank its block of the result.</summary>
    /// <typeparam name="T">An element type that <see cref="DataType"/> lists.</typeparam>
    /// <param name="send">A block for every rank, one behind the other by rank: <see cref="WorldSize"/> times as long as <paramref name="receive"/>.</param>
    /// <param name="receive">This rank's block of the result. It may be this rank's block of <paramref name="send"/> (in place), else they do not overlap.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <remarks>Cost: each rank sends n-1 blocks, in 1 hop (small) to n-1 hops (docs/algorithms.md).</remarks>
    /// <exception cref="ArgumentException">Lengths do not fit, buffers overlap in another way, or there is no built-in reduction for the type. Nothing was sent.</exception>
    /// <exception cref="CollectiveMismatchException">Another rank made a different call.</exception>
    /// <exception cref="CommunicatorFaultException">A rank died, a deadline passed, or the communicator is at fault already.</exception>
    /// <exception cref="InvalidOperationException">Another thread is inside a call, or a reducer called.</exception>
    public void ReduceScatter<T>(ReadOnlySpan<T> send, Span<T> receive, ReduceOp op, in OperationOptions options = default)
        where T : unmanaged
    {
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(_calls.ReduceScatter(from, (ulong)send.Length, to, (ulong)receive.Length, ElementType.Of<T>(), ReduceBy.Of<T>(op), options));
        }
    }

    /// <summary>Reduce-scatter in place: this rank's block becomes the result, the others stay as they are.</summary>
    /// <param name="inPlace">A block for every rank; a multiple of <see cref="WorldSize"/> elements.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="ReduceScatter{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, in OperationOptions)"/>
    public void ReduceScatter<T>(Span<T> inPlace, ReduceOp op, in OperationOptions options = default)
        where T : unmanaged => ReduceScatter(inPlace, OwnBlock(inPlace), op, options);

    /// <summary>Reduce-scatter by a reducer of the user's own.</summary>
    /// <typeparam name="T">The element type: any unmanaged type of at most <see cref="CommunicatorOptions.ChunkBytes"/> bytes.</typeparam>
    /// <typeparam name="TReducer">The reducer; a struct, inferred.</typeparam>
    /// <param name="send">A block for every rank.</param>
    /// <param name="receive">This rank's block of the result.</param>
    /// <param name="reducer">How elements are combined; of the same type on all ranks. One that throws is a fault of the communicator.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="ReduceScatter{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, in OperationOptions)"/>
    public void ReduceScatter<T, TReducer>(ReadOnlySpan<T> send, Span<T> receive, TReducer reducer, in OperationOptions options = default)
        where T : unmanaged
        where TReducer : unmanaged, IReducer<T>
    {
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(_calls.ReduceScatter(from, (ulong)send.Length, to, (ulong)receive.Length, ElementType.Of<T>(), ReduceBy.Of<T, TReducer>(&reducer), options));
        }
    }

    /// <summary>Reduce-scatter with blocks of different sizes.</summary>
    /// <param name="send">A block for every rank, one behind the other.</param>
    /// <param name="receive">This rank's block of the result.</param>
    /// <param name="counts">Elements of each rank's block, by rank; the same on all ranks. Blocks follow each other.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="ReduceScatter{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, in OperationOptions)"/>
    public void ReduceScatter<T>(ReadOnlySpan<T> send, Span<T> receive, ReadOnlySpan<int> counts, ReduceOp op, in OperationOptions options = default)
        where T : unmanaged
    {
        BlockSizes sizes = _engine.Pool.Sizes.Rent();
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(_calls.ReduceScatter(from, (ulong)send.Length, to, (ulong)receive.Length, counts, sizes, ElementType.Of<T>(), ReduceBy.Of<T>(op), options));
        }

        _engine.Pool.Sizes.Return(sizes);
    }

    /// <summary>Reduce-scatter over raw memory, which must not move or be freed during the call.</summary>
    /// <param name="send">A block for every rank.</param>
    /// <param name="receive">This rank's block of the result.</param>
    /// <param name="elementCount">Elements, not bytes, of one block.</param>
    /// <param name="type">The element type.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="ReduceScatter{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, in OperationOptions)"/>
    public void ReduceScatter(void* send, void* receive, nuint elementCount, DataType type, ReduceOp op, in OperationOptions options = default) =>
        _engine.Run(_calls.ReduceScatter(send, Arguments.Times(elementCount, WorldSize, nameof(elementCount)), receive, elementCount, ElementType.Of(type), ReduceBy.Of(type, op), options));

    /// <summary>Reduce-scatter with blocks of different sizes, over raw memory. Lengths follow from the counts.</summary>
    /// <param name="send">A block for every rank, one behind the other.</param>
    /// <param name="receive">This rank's block of the result.</param>
    /// <param name="counts">Elements of each rank's block, by rank; the same on all ranks. Blocks follow each other.</param>
    /// <param name="type">The element type.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="ReduceScatter{T}(ReadOnlySpan{T}, Span{T}, ReadOnlySpan{int}, ReduceOp, in OperationOptions)"/>
    public void ReduceScatter(void* send, void* receive, ReadOnlySpan<nuint> counts, DataType type, ReduceOp op, in OperationOptions options = default)
    {
        BlockSizes sizes = _engine.Pool.Sizes.Rent();
        _engine.Run(_calls.ReduceScatter(send, CallFactory.Extent(counts, []), receive, CallFactory.CountOf(counts, Rank), counts, sizes, ElementType.Of(type), ReduceBy.Of(type, op), options));
        _engine.Pool.Sizes.Return(sizes);
    }

    /// <summary>Queues a reduce-scatter and returns; the memory stays pinned until it is done.</summary>
    /// <param name="send">A block for every rank.</param>
    /// <param name="receive">This rank's block of the result.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">Looked at before the call is queued: then nothing is sent. Cancelling later is a fault of the communicator on all ranks; there is no cancelling of one operation.</param>
    /// <returns>Done when the result is there. Await it once. It never completes on a thread of this library; the hop costs some microseconds, so for latency use the synchronous form.</returns>
    /// <inheritdoc cref="ReduceScatter{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, in OperationOptions)"/>
    public ValueTask ReduceScatterAsync<T>(ReadOnlyMemory<T> send, Memory<T> receive, ReduceOp op, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* from = send.Span)
        fixed (T* to = receive.Span)
        {
            return Queue(_calls.ReduceScatter(from, (ulong)send.Length, to, (ulong)receive.Length, ElementType.Of<T>(), ReduceBy.Of<T>(op), options), send, receive, cancellationToken);
        }
    }

    /// <summary>Queues a reduce-scatter by a reducer of the user's own, which is copied, and returns.</summary>
    /// <param name="send">A block for every rank.</param>
    /// <param name="receive">This rank's block of the result.</param>
    /// <param name="reducer">How elements are combined; of the same type on all ranks. One that throws is a fault of the communicator.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">As in the other form.</param>
    /// <inheritdoc cref="ReduceScatterAsync{T}(ReadOnlyMemory{T}, Memory{T}, ReduceOp, in OperationOptions, CancellationToken)"/>
    public ValueTask ReduceScatterAsync<T, TReducer>(ReadOnlyMemory<T> send, Memory<T> receive, TReducer reducer, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
        where TReducer : unmanaged, IReducer<T>
    {
        fixed (T* from = send.Span)
        fixed (T* to = receive.Span)
        {
            return Queue(_calls.ReduceScatter(from, (ulong)send.Length, to, (ulong)receive.Length, ElementType.Of<T>(), ReduceBy.Of<T, TReducer>(&reducer), options), send, receive, reducer, cancellationToken);
        }
    }

    /// <summary>Queues a reduce-scatter with blocks of different sizes and returns; the counts are copied.</summary>
    /// <param name="send">A block for every rank, one behind the other.</param>
    /// <param name="receive">This rank's block of the result.</param>
    /// <param name="counts">Elements of each rank's block, by rank; the same on all ranks. Blocks follow each other.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">As in the other form.</param>
    /// <inheritdoc cref="ReduceScatterAsync{T}(ReadOnlyMemory{T}, Memory{T}, ReduceOp, in OperationOptions, CancellationToken)"/>
    public ValueTask ReduceScatterAsync<T>(ReadOnlyMemory<T> send, Memory<T> receive, ReadOnlySpan<int> counts, ReduceOp op, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* from = send.Span)
        fixed (T* to = receive.Span)
        {
            return Queue(_calls.ReduceScatter(from, (ulong)send.Length, to, (ulong)receive.Length, counts, _engine.Pool.Sizes.Rent(), ElementType.Of<T>(), ReduceBy.Of<T>(op), options), send, receive, cancellationToken);
        }
    }
}
