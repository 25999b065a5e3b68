using RdmaCollectives.Planning;

namespace RdmaCollectives;

public sealed unsafe partial class Communicator
{
    /// <summary>Gives every rank the elements of all ranks, one block behind the other by rank.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="send">This rank's block; the same count on every rank, 0 included.</param>
    /// <param name="receive">All blocks: <see cref="WorldSize"/> times as long. <paramref name="send"/> may be this rank's block in it (in place), else they do not overlap.</param>
    /// <param name="options">What is special about this call.</param>
    /// <remarks>Cost: each rank sends (n-1) blocks, in 1 hop (small) to n-1 hops (docs/algorithms.md).</remarks>
    /// <exception cref="ArgumentException">Lengths do not fit, or buffers overlap in another way. Nothing was sent.</exception>
    /// <exception cref="CollectiveMismatchException">Another rank made a different call.</exception>
    /// <exception cref="CommunicatorFaultException">A rank died, a deadline passed, or the communicator is at fault already.</exception>
    /// <exception cref="InvalidOperationException">Another thread is inside a call, or a reducer called.</exception>
    public void AllGather<T>(ReadOnlySpan<T> send, Span<T> receive, in OperationOptions options = default)
        where T : unmanaged
    {
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(_calls.AllGather(from, (ulong)send.Length, to, (ulong)receive.Length, ElementType.Of<T>(), options));
        }
    }

    /// <summary>All-gather in place.</summary>
    /// <param name="inPlace">All blocks; this rank's is filled already. A multiple of <see cref="WorldSize"/> elements.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="AllGather{T}(ReadOnlySpan{T}, Span{T}, in OperationOptions)"/>
    public void AllGather<T>(Span<T> inPlace, in OperationOptions options = default)
        where T : unmanaged => AllGather(OwnBlock(inPlace), inPlace, options);

    /// <summary>All-gather of blocks of different sizes.</summary>
    /// <param name="send">This rank's block.</param>
    /// <param name="receive">Where all blocks go.</param>
    /// <param name="counts">Elements of each rank's block, by rank; the same on all ranks.</param>
    /// <param name="displacements">Where each block begins in <paramref name="receive"/>, in elements; empty: one behind the other. Blocks must not overlap.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="AllGather{T}(ReadOnlySpan{T}, Span{T}, in OperationOptions)"/>
    public void AllGather<T>(ReadOnlySpan<T> send, Span<T> receive, ReadOnlySpan<int> counts, ReadOnlySpan<int> displacements = default, in OperationOptions options = default)
        where T : unmanaged
    {
        BlockSizes sizes = _engine.Pool.Sizes.Rent();
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(_calls.AllGather(from, (ulong)send.Length, to, (ulong)receive.Length, counts, displacements, sizes, ElementType.Of<T>(), options));
        }

        _engine.Pool.Sizes.Return(sizes);
    }

    /// <summary>All-gather over raw memory, which must not move or be freed during the call.</summary>
    /// <param name="send">This rank's block.</param>
    /// <param name="receive">All blocks.</param>
    /// <param name="elementCount">Elements, not bytes, of one block.</param>
    /// <param name="type">The element type.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="AllGather{T}(ReadOnlySpan{T}, Span{T}, in OperationOptions)"/>
    public void AllGather(void* send, void* receive, nuint elementCount, DataType type, in OperationOptions options = default) =>
        _engine.Run(_calls.AllGather(send, elementCount, receive, Arguments.Times(elementCount, WorldSize, nameof(elementCount)), ElementType.Of(type), options));

    /// <summary>All-gather of blocks of different sizes, over raw memory. Lengths follow from the counts.</summary>
    /// <param name="send">This rank's block.</param>
    /// <param name="receive">Where all blocks go.</param>
    /// <param name="counts">Elements of each rank's block, by rank; the same on all ranks.</param>
    /// <param name="displacements">Where each block begins in <paramref name="receive"/>, in elements; empty: one behind the other. Blocks must not overlap.</param>
    /// <param name="type">The element type.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="AllGather{T}(ReadOnlySpan{T}, Span{T}, ReadOnlySpan{int}, ReadOnlySpan{int}, in OperationOptions)"/>
    public void AllGather(void* send, void* receive, ReadOnlySpan<nuint> counts, ReadOnlySpan<nuint> displacements, DataType type, in OperationOptions options = default)
    {
        BlockSizes sizes = _engine.Pool.Sizes.Rent();
        _engine.Run(_calls.AllGather(send, CallFactory.CountOf(counts, Rank), receive, CallFactory.Extent(counts, displacements), counts, displacements, sizes, ElementType.Of(type), options));
        _engine.Pool.Sizes.Return(sizes);
    }

    /// <summary>Queues an all-gather and returns; the memory stays pinned until it is done.</summary>
    /// <param name="send">This rank's block.</param>
    /// <param name="receive">All blocks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">Looked at before the call is queued: then nothing is sent. Cancelling later is a fault of the communicator on all ranks; there is no cancelling of one operation.</param>
    /// <returns>Done when the result is there. Await it once. It never completes on a thread of this library; the hop costs some microseconds, so for latency use the synchronous form.</returns>
    /// <inheritdoc cref="AllGather{T}(ReadOnlySpan{T}, Span{T}, in OperationOptions)"/>
    public ValueTask AllGatherAsync<T>(ReadOnlyMemory<T> send, Memory<T> receive, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* from = send.Span)
        fixed (T* to = receive.Span)
        {
            return Queue(_calls.AllGather(from, (ulong)send.Length, to, (ulong)receive.Length, ElementType.Of<T>(), options), send, receive, cancellationToken);
        }
    }

    /// <summary>Queues an all-gather of blocks of different sizes and returns; counts and displacements are copied.</summary>
    /// <param name="send">This rank's block.</param>
    /// <param name="receive">Where all blocks go.</param>
    /// <param name="counts">Elements of each rank's block, by rank; the same on all ranks.</param>
    /// <param name="displacements">Where each block begins in <paramref name="receive"/>, in elements; empty: one behind the other. Blocks must not overlap.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">As in the other form.</param>
    /// <inheritdoc cref="AllGatherAsync{T}(ReadOnlyMemory{T}, Memory{T}, in OperationOptions, CancellationToken)"/>
    public ValueTask AllGatherAsync<T>(
        ReadOnlyMemory<T> send, Memory<T> receive, ReadOnlySpan<int> counts, ReadOnlySpan<int> displacements = default, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* from = send.Span)
        fixed (T* to = receive.Span)
        {
            return Queue(_calls.AllGather(from, (ulong)send.Length, to, (ulong)receive.Length, counts, displacements, _engine.Pool.Sizes.Rent(), ElementType.Of<T>(), options), send, receive, cancellationToken);
        }
    }
}
