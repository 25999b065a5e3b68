namespace RdmaCollectives;

public sealed unsafe partial class Communicator
{
    /// <summary>Gives every rank the root's elements.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="buffer">At the root what is given, elsewhere where it goes; the same length on all ranks, 0 included.</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <remarks>Cost: small buffers log2(n) hops, large ones a pipeline of n-1 hops in which each rank sends the buffer at most once (docs/algorithms.md).</remarks>
    /// <exception cref="ArgumentException">The root is not a rank, or the named algorithm does not serve. Nothing was sent.</exception>
    /// <exception cref="CollectiveMismatchException">Another rank made a different call.</exception>
    /// <exception cref="CommunicatorFaultException">A rank died, a deadline passed, or the communicator is at fault already.</exception>
    /// <exception cref="InvalidOperationException">Another thread is inside a call, or a reducer called.</exception>
    public void Broadcast<T>(Span<T> buffer, int root, in OperationOptions options = default)
        where T : unmanaged
    {
        fixed (T* at = buffer)
        {
            _engine.Run(_calls.Broadcast(at, (ulong)buffer.Length, root, ElementType.Of<T>(), options));
        }
    }

    /// <summary>Broadcast over raw memory, which must not move or be freed during the call.</summary>
    /// <param name="buffer">At the root what is given, elsewhere where it goes.</param>
    /// <param name="elementCount">Elements, not bytes.</param>
    /// <param name="type">The element type.</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="Broadcast{T}(Span{T}, int, in OperationOptions)"/>
    public void Broadcast(void* buffer, nuint elementCount, DataType type, int root, in OperationOptions options = default) =>
        _engine.Run(_calls.Broadcast(buffer, elementCount, root, ElementType.Of(type), options));

    /// <summary>Queues a broadcast and returns; the memory stays pinned until it is done.</summary>
    /// <param name="buffer">At the root what is given, elsewhere where it goes.</param>
    /// <param name="root">The root's rank, the same on all ranks.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">Looked at before the call is queued: then nothing is sent. Cancelling later is a fault of the communicator on all ranks; there is no cancelling of one operation.</param>
    /// <returns>Done when the result is there. Await it once. It never completes on a thread of this library; the hop costs some microseconds, so for latency use the synchronous form.</returns>
    /// <inheritdoc cref="Broadcast{T}(Span{T}, int, in OperationOptions)"/>
    public ValueTask BroadcastAsync<T>(Memory<T> buffer, int root, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* at = buffer.Span)
        {
            return Queue(_calls.Broadcast(at, (ulong)buffer.Length, root, ElementType.Of<T>(), options), ReadOnlyMemory<T>.Empty, buffer, cancellationToken);
        }
    }
}
