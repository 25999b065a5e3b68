using RdmaCollectives.Planning;

namespace RdmaCollectives;

public sealed unsafe partial class Communicator
{
    /// <summary>Gives every rank its block of the root's elements.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="send">At the root a block for every rank, one behind the other by rank: <see cref="WorldSize"/> times as long as <paramref name="receive"/>. Not looked at elsewhere; may be empty.</param>
    /// <param name="receive">This rank's block; the same count on every rank, 0 included. At the root it may be its block of <paramref name="send"/> (in place).</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <remarks>Cost: the root sends n-1 blocks, each in one hop (docs/algorithms.md).</remarks>
    /// <exception cref="ArgumentException">Lengths do not fit, buffers overlap in another way, or the root is not a rank. Nothing was sent.</exception>
    /// <exception cref="CollectiveMismatchException">Another rank made a different call.</exception>
    /// <exception cref="CommunicatorFaultException">A rank died, a deadline passed, or the communicator is at fault already.</exception>
    /// <exception cref="InvalidOperationException">Another thread is inside a call, or a reducer called.</exception>
    public void Scatter<T>(ReadOnlySpan<T> send, Span<T> receive, int root, in OperationOptions options = default)
        where T : unmanaged
    {
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(_calls.Scatter(from, (ulong)send.Length, to, (ulong)receive.Length, root, ElementType.Of<T>(), options));
        }
    }

    /// <summary>Scatter of blocks of different sizes.</summary>
    /// <param name="send">At the root a block for every rank.</param>
    /// <param name="counts">At the root the elements of each rank's block, by rank; not looked at elsewhere.</param>
    /// <param name="displacements">At the root where each block begins in <paramref name="send"/>, in elements; empty: one behind the other.</param>
    /// <param name="receive">This rank's block.</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="Scatter{T}(ReadOnlySpan{T}, Span{T}, int, in OperationOptions)"/>
    public void Scatter<T>(ReadOnlySpan<T> send, ReadOnlySpan<int> counts, ReadOnlySpan<int> displacements, Span<T> receive, int root, in OperationOptions options = default)
        where T : unmanaged
    {
        BlockSizes sizes = _engine.Pool.Sizes.Rent();
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(_calls.Scatter(from, (ulong)send.Length, counts, displacements, to, (ulong)receive.Length, root, sizes, ElementType.Of<T>(), options));
        }

        _engine.Pool.Sizes.Return(sizes);
    }

    /// <summary>Scatter over raw memory, which must not move or be freed during the call.</summary>
    /// <param name="send">At the root a block for every rank; elsewhere it may be null.</param>
    /// <param name="receive">This rank's block.</param>
    /// <param name="elementCount">Elements, not bytes, of one block.</param>
    /// <param name="type">The element type.</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="Scatter{T}(ReadOnlySpan{T}, Span{T}, int, in OperationOptions)"/>
    public void Scatter(void* send, void* receive, nuint elementCount, DataType type, int root, in OperationOptions options = default) =>
        _engine.Run(_calls.Scatter(send, Arguments.Times(elementCount, WorldSize, nameof(elementCount)), receive, elementCount, root, ElementType.Of(type), options));

    /// <summary>Scatter of blocks of different sizes, over raw memory.</summary>
    /// <param name="send">At the root a block for every rank.</param>
    /// <param name="counts">At the root the elements of each rank's block, by rank; not looked at elsewhere.</param>
    /// <param name="displacements">At the root where each block begins in <paramref name="send"/>, in elements; empty: one behind the other.</param>
    /// <param name="receive">This rank's block.</param>
    /// <param name="elementCount">Elements of this rank's block.</param>
    /// <param name="type">The element type.</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="Scatter{T}(ReadOnlySpan{T}, ReadOnlySpan{int}, ReadOnlySpan{int}, Span{T}, int, in OperationOptions)"/>
    public void Scatter(void* send, ReadOnlySpan<nuint> counts, ReadOnlySpan<nuint> displacements, void* receive, nuint elementCount, DataType type, int root, in OperationOptions options = default)
    {
        BlockSizes sizes = _engine.Pool.Sizes.Rent();
        _engine.Run(_calls.Scatter(send, CallFactory.Extent(counts, displacements), counts, displacements, receive, elementCount, root, sizes, ElementType.Of(type), options));
        _engine.Pool.Sizes.Return(sizes);
    }

    /// <summary>Queues a scatter and returns; the memory stays pinned until it is done.</summary>
    /// <param name="send">At the root a block for every rank.</param>
    /// <param name="receive">This rank's block.</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">Looked at before the call is queued: then nothing is sent. Cancelling later is a fault of the communicator on all ranks; there is no cancelling of one operation.</param>
    /// <returns>Done when the result is there. Await it once. It never completes on a thread of this library; the hop costs some microseconds, so for latency use the synchronous form.</returns>
    /// <inheritdoc cref="Scatter{T}(ReadOnlySpan{T}, Span{T}, int, in OperationOptions)"/>
    public ValueTask ScatterAsync<T>(ReadOnlyMemory<T> send, Memory<T> receive, int root, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* from = send.Span)
        fixed (T* to = receive.Span)
        {
            return Queue(_calls.Scatter(from, (ulong)send.Length, to, (ulong)receive.Length, root, ElementType.Of<T>(), options), send, receive, cancellationToken);
        }
    }

    /// <summary>Queues a scatter of blocks of different sizes and returns; counts and displacements are copied.</summary>
    /// <param name="send">At the root a block for every rank.</param>
    /// <param name="counts">At the root the elements of each rank's block, by rank; not looked at elsewhere.</param>
    /// <param name="displacements">At the root where each block begins in <paramref name="send"/>, in elements; empty: one behind the other.</param>
    /// <param name="receive">This rank's block.</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">As in the other form.</param>
    /// <inheritdoc cref="ScatterAsync{T}(ReadOnlyMemory{T}, Memory{T}, int, in OperationOptions, CancellationToken)"/>
    public ValueTask ScatterAsync<T>(
        ReadOnlyMemory<T> send, ReadOnlySpan<int> counts, ReadOnlySpan<int> displacements, Memory<T> receive, int root, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* from = send.Span)
        fixed (T* to = receive.Span)
        {
            return Queue(_calls.Scatter(from, (ulong)send.Length, counts, displacements, to, (ulong)receive.Length, root, _engine.Pool.Sizes.Rent(), ElementType.Of<T>(), options), send, receive, cancellationToken);
        }
    }
}
