using RdmaCollectives.Planning;

namespace RdmaCollectives;

public sealed unsafe partial class Communicator
{
    /// <summary>Every rank gives every rank a block: block d of rank s becomes block s of rank d.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="send">A block for every rank, one behind the other by rank; a multiple of <see cref="WorldSize"/> elements, the same on all ranks.</param>
    /// <param name="receive">A block from every rank; as long as <paramref name="send"/>. The same memory (then it is sent from a copy), or memory that does not overlap.</param>
    /// <param name="options">What is special about this call.</param>
    /// <remarks>Cost: each rank sends n-1 blocks, each in one hop (docs/algorithms.md).</remarks>
    /// <exception cref="ArgumentException">Lengths do not fit, or buffers overlap in part. Nothing was sent.</exception>
    /// <exception cref="CollectiveMismatchException">Another rank made a different call.</exception>
    /// <exception cref="CommunicatorFaultException">A rank died, a deadline passed, or the communicator is at fault already.</exception>
    /// <exception cref="InvalidOperationException">Another thread is inside a call, or a reducer called.</exception>
    public void AllToAll<T>(ReadOnlySpan<T> send, Span<T> receive, in OperationOptions options = default)
        where T : unmanaged
    {
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(_calls.AllToAll(from, (ulong)send.Length, to, (ulong)receive.Length, ElementType.Of<T>(), options));
        }
    }

    /// <summary>All-to-all in place.</summary>
    /// <param name="inPlace">A block for every rank, then from every rank.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="AllToAll{T}(ReadOnlySpan{T}, Span{T}, in OperationOptions)"/>
    public void AllToAll<T>(Span<T> inPlace, in OperationOptions options = default)
        where T : unmanaged => AllToAll(inPlace, inPlace, options);

    /// <summary>All-to-all with blocks of different sizes. Only a pair of ranks knows what goes between the two, and both must say the same.</summary>
    /// <param name="send">A block for every rank.</param>
    /// <param name="sendCounts">Elements for each rank.</param>
    /// <param name="sendDisplacements">Where each block begins in <paramref name="send"/>, in elements; empty: one behind the other.</param>
    /// <param name="receive">Where the blocks of all ranks go; must not overlap <paramref name="send"/>.</param>
    /// <param name="receiveCounts">Elements from each rank: what that rank has in its <paramref name="sendCounts"/> for this one.</param>
    /// <param name="receiveDisplacements">Where each block begins in <paramref name="receive"/>, in elements; empty: one behind the other. Blocks must not overlap.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="AllToAll{T}(ReadOnlySpan{T}, Span{T}, in OperationOptions)"/>
    public void AllToAll<T>(
        ReadOnlySpan<T> send, ReadOnlySpan<int> sendCounts, ReadOnlySpan<int> sendDisplacements, Span<T> receive, ReadOnlySpan<int> receiveCounts, ReadOnlySpan<int> receiveDisplacements, in OperationOptions options = default)
        where T : unmanaged
    {
        BlockSizes sizes = _engine.Pool.Sizes.Rent();
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(_calls.AllToAll(from, (ulong)send.Length, sendCounts, sendDisplacements, to, (ulong)receive.Length, receiveCounts, receiveDisplacements, sizes, ElementType.Of<T>(), options));
        }

        _engine.Pool.Sizes.Return(sizes);
    }

    /// <summary>All-to-all over raw memory, which must not move or be freed during the call.</summary>
    /// <param name="send">A block for every rank.</param>
    /// <param name="receive">A block from every rank; equal to <paramref name="send"/> or not overlapping it.</param>
    /// <param name="elementCount">Elements, not bytes, of one block.</param>
    /// <param name="type">The element type.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="AllToAll{T}(ReadOnlySpan{T}, Span{T}, in OperationOptions)"/>
    public void AllToAll(void* send, void* receive, nuint elementCount, DataType type, in OperationOptions options = default)
    {
        ulong length = Arguments.Times(elementCount, WorldSize, nameof(elementCount));
        _engine.Run(_calls.AllToAll(send, length, receive, length, ElementType.Of(type), options));
    }

    /// <summary>All-to-all with blocks of different sizes, over raw memory. Lengths follow from the counts.</summary>
    /// <param name="send">A block for every rank.</param>
    /// <param name="sendCounts">Elements for each rank.</param>
    /// <param name="sendDisplacements">Where each block begins in <paramref name="send"/>, in elements; empty: one behind the other.</param>
    /// <param name="receive">Where the blocks of all ranks go; must not overlap <paramref name="send"/>.</param>
    /// <param name="receiveCounts">Elements from each rank: what that rank has in its <paramref name="sendCounts"/> for this one.</param>
    /// <param name="receiveDisplacements">Where each block begins in <paramref name="receive"/>, in elements; empty: one behind the other. Blocks must not overlap.</param>
    /// <param name="type">The element type.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="AllToAll{T}(ReadOnlySpan{T}, ReadOnlySpan{int}, ReadOnlySpan{int}, Span{T}, ReadOnlySpan{int}, ReadOnlySpan{int}, in OperationOptions)"/>
    public void AllToAll(
        void* send, ReadOnlySpan<nuint> sendCounts, ReadOnlySpan<nuint> sendDisplacements, void* receive, ReadOnlySpan<nuint> receiveCounts, ReadOnlySpan<nuint> receiveDisplacements, DataType type, in OperationOptions options = default)
    {
        BlockSizes sizes = _engine.Pool.Sizes.Rent();
        _engine.Run(_calls.AllToAll(
            send, CallFactory.Extent(sendCounts, sendDisplacements), sendCounts, sendDisplacements, receive, CallFactory.Extent(receiveCounts, receiveDisplacements), receiveCounts, receiveDisplacements, sizes, ElementType.Of(type), options));
        _engine.Pool.Sizes.Return(sizes);
    }

    /// <summary>Queues an all-to-all and returns; the memory stays pinned until it is done.</summary>
    /// <param name="send">A block for every rank.</param>
    /// <param name="receive">A block from every rank.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">Looked at before the call is queued: then nothing is sent. Cancelling later is a fault of the communicator on all ranks; there is no cancelling of one operation.</param>
    /// <returns>Done when the result is there. Await it once. It never completes on a thread of this library; the hop costs some microseconds, so for latency use the synchronous form.</returns>
    /// <inheritdoc cref="AllToAll{T}(ReadOnlySpan{T}, Span{T}, in OperationOptions)"/>
    public ValueTask AllToAllAsync<T>(ReadOnlyMemory<T> send, Memory<T> receive, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* from = send.Span)
        fixed (T* to = receive.Span)
        {
            return Queue(_calls.AllToAll(from, (ulong)send.Length, to, (ulong)receive.Length, ElementType.Of<T>(), options), send, receive, cancellationToken);
        }
    }

    /// <summary>Queues an all-to-all with blocks of different sizes and returns; counts and displacements are copied.</summary>
    /// <param name="send">A block for every rank.</param>
    /// <param name="sendCounts">Elements for each rank.</param>
    /// <param name="sendDisplacements">Where each block begins in <paramref name="send"/>, in elements; empty: one behind the other.</param>
    /// <param name="receive">Where the blocks of all ranks go; must not overlap <paramref name="send"/>.</param>
    /// <param name="receiveCounts">Elements from each rank: what that rank has in its <paramref name="sendCounts"/> for this one.</param>
    /// <param name="receiveDisplacements">Where each block begins in <paramref name="receive"/>, in elements; empty: one behind the other. Blocks must not overlap.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">As in the other form.</param>
    /// <inheritdoc cref="AllToAllAsync{T}(ReadOnlyMemory{T}, Memory{T}, in OperationOptions, CancellationToken)"/>
    public ValueTask AllToAllAsync<T>(
        ReadOnlyMemory<T> send, ReadOnlySpan<int> sendCounts, ReadOnlySpan<int> sendDisplacements, Memory<T> receive, ReadOnlySpan<int> receiveCounts, ReadOnlySpan<int> receiveDisplacements,
        in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* from = send.Span)
        fixed (T* to = receive.Span)
        {
            return Queue(
                _calls.AllToAll(from, (ulong)send.Length, sendCounts, sendDisplacements, to, (ulong)receive.Length, receiveCounts, receiveDisplacements, _engine.Pool.Sizes.Rent(), ElementType.Of<T>(), options), send, receive, cancellationToken);
        }
    }
}
