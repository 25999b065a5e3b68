using RdmaCollectives.Diagnostics;
using RdmaCollectives.Execution;
using RdmaCollectives.Planning;

namespace RdmaCollectives;

public sealed unsafe partial class Communicator
{
    /// <summary>Sends to one rank, which receives as many elements of the same type. Returns when the memory may be used again: what fits the slots between the two is sent without waiting for the receiver.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="send">The elements, 0 included.</param>
    /// <param name="destination">The rank that receives.</param>
    /// <param name="options">What is special about this call.</param>
    /// <remarks>The calls between two ranks are one sequence: a rank that receives what the other sends after a collective makes the collective first. Two ranks that each send much to the other before
    /// they receive wait for each other; use <see cref="SendReceive{T}(ReadOnlySpan{T}, int, Span{T}, int, in OperationOptions)"/> or a group.</remarks>
    /// <exception cref="ArgumentException">The peer is not a rank, is this rank alone, or is not connected. Nothing was sent.</exception>
    /// <exception cref="CollectiveMismatchException">Another rank made a different call.</exception>
    /// <exception cref="CommunicatorFaultException">A rank died, a deadline passed, or the communicator is at fault already.</exception>
    /// <exception cref="InvalidOperationException">Another thread is inside a call, or a reducer called.</exception>
    public void Send<T>(ReadOnlySpan<T> send, int destination, in OperationOptions options = default)
        where T : unmanaged
    {
        fixed (T* from = send)
        {
            _engine.Run(_calls.Transfers(CallKind.Send, from, (ulong)send.Length, destination, null, 0, -1, ElementType.Of<T>(), options));
        }
    }

    /// <summary>Receives from one rank, which sends as many elements of the same type.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="receive">Where the elements go; as long as what is sent.</param>
    /// <param name="source">The rank that sends.</param>
    /// <param name="options">What is special about this call.</param>
    /// <exception cref="ArgumentException">The peer is not a rank, is this rank alone, or is not connected. Nothing was sent.</exception>
    /// <exception cref="CollectiveMismatchException">Another rank made a different call.</exception>
    /// <exception cref="CommunicatorFaultException">A rank died, a deadline passed, or the communicator is at fault already.</exception>
    /// <exception cref="InvalidOperationException">Another thread is inside a call, or a reducer called.</exception>
    public void Receive<T>(Span<T> receive, int source, in OperationOptions options = default)
        where T : unmanaged
    {
        fixed (T* to = receive)
        {
            _engine.Run(_calls.Transfers(CallKind.Receive, null, 0, -1, to, (ulong)receive.Length, source, ElementType.Of<T>(), options));
        }
    }

    /// <summary>Receives from whichever rank sends first. Ranks that wait are served in turn.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="receive">Where the elements go; as long as what is sent.</param>
    /// <param name="options">What is special about this call.</param>
    /// <returns>The rank that sent.</returns>
    /// <exception cref="CollectiveMismatchException">Another rank made a different call.</exception>
    /// <exception cref="CommunicatorFaultException">A rank died, a deadline passed, or the communicator is at fault already.</exception>
    /// <exception cref="InvalidOperationException">Another thread is inside a call, or a reducer called.</exception>
    public int ReceiveAny<T>(Span<T> receive, in OperationOptions options = default)
        where T : unmanaged
    {
        fixed (T* to = receive)
        {
            return _engine.Run(_calls.Transfers(CallKind.Receive, null, 0, -1, to, (ulong)receive.Length, Transfer.Any, ElementType.Of<T>(), options));
        }
    }

    /// <summary>Sends to one rank and receives from one, the same or another, side by side: rings and exchanges without waiting in a circle.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="send">The elements for <paramref name="destination"/>.</param>
    /// <param name="destination">The rank that receives.</param>
    /// <param name="receive">Where the elements of <paramref name="source"/> go; must not overlap <paramref name="send"/>.</param>
    /// <param name="source">The rank that sends.</param>
    /// <param name="options">What is special about this call.</param>
    /// <exception cref="ArgumentException">The peer is not a rank, is this rank alone, or is not connected. Nothing was sent.</exception>
    /// <exception cref="CollectiveMismatchException">Another rank made a different call.</exception>
    /// <exception cref="CommunicatorFaultException">A rank died, a deadline passed, or the communicator is at fault already.</exception>
    /// <exception cref="InvalidOperationException">Another thread is inside a call, or a reducer called.</exception>
    public void SendReceive<T>(ReadOnlySpan<T> send, int destination, Span<T> receive, int source, in OperationOptions options = default)
        where T : unmanaged
    {
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(_calls.Transfers(CallKind.SendReceive, from, (ulong)send.Length, destination, to, (ulong)receive.Length, source, ElementType.Of<T>(), options));
        }
    }

    /// <summary>Sends raw memory, which must not move or be freed during the call.</summary>
    /// <param name="send">The elements.</param>
    /// <param name="elementCount">Elements, not bytes.</param>
    /// <param name="type">The element type.</param>
    /// <param name="destination">The rank that receives.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="Send{T}(ReadOnlySpan{T}, int, in OperationOptions)"/>
    public void Send(void* send, nuint elementCount, DataType type, int destination, in OperationOptions options = default) =>
        _engine.Run(_calls.Transfers(CallKind.Send, send, elementCount, destination, null, 0, -1, ElementType.Of(type), options));

    /// <summary>Receives into raw memory, which must not move or be freed during the call.</summary>
    /// <param name="receive">Where the elements go.</param>
    /// <param name="elementCount">Elements, not bytes.</param>
    /// <param name="type">The element type.</param>
    /// <param name="source">The rank that sends.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="Receive{T}(Span{T}, int, in OperationOptions)"/>
    public void Receive(void* receive, nuint elementCount, DataType type, int source, in OperationOptions options = default) =>
        _engine.Run(_calls.Transfers(CallKind.Receive, null, 0, -1, receive, elementCount, source, ElementType.Of(type), options));

    /// <summary>Receives into raw memory from whichever rank sends first.</summary>
    /// <param name="receive">Where the elements go.</param>
    /// <param name="elementCount">Elements, not bytes.</param>
    /// <param name="type">The element type.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="ReceiveAny{T}(Span{T}, in OperationOptions)"/>
    public int ReceiveAny(void* receive, nuint elementCount, DataType type, in OperationOptions options = default) =>
        _engine.Run(_calls.Transfers(CallKind.Receive, null, 0, -1, receive, elementCount, Transfer.Any, ElementType.Of(type), options));

    /// <summary>Sends and receives raw memory, which must not move or be freed during the call.</summary>
    /// <param name="send">The elements for <paramref name="destination"/>.</param>
    /// <param name="sendCount">How many, not bytes.</param>
    /// <param name="destination">The rank that receives.</param>
    /// <param name="receive">Where the elements of <paramref name="source"/> go.</param>
    /// <param name="receiveCount">How many, not bytes.</param>
    /// <param name="source">The rank that sends.</param>
    /// <param name="type">The element type.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="SendReceive{T}(ReadOnlySpan{T}, int, Span{T}, int, in OperationOptions)"/>
    public void SendReceive(void* send, nuint sendCount, int destination, void* receive, nuint receiveCount, int source, DataType type, in OperationOptions options = default) =>
        _engine.Run(_calls.Transfers(CallKind.SendReceive, send, sendCount, destination, receive, receiveCount, source, ElementType.Of(type), options));

    /// <summary>Queues a send and returns; the memory stays pinned until it is done.</summary>
    /// <param name="send">The elements.</param>
    /// <param name="destination">The rank that receives.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">Looked at before the call is queued: then nothing is sent. Cancelling later is a fault of the communicator on all ranks; there is no cancelling of one operation.</param>
    /// <returns>Done when the result is there. Await it once. It never completes on a thread of this library; the hop costs some microseconds, so for latency use the synchronous form.</returns>
    /// <inheritdoc cref="Send{T}(ReadOnlySpan{T}, int, in OperationOptions)"/>
    public ValueTask SendAsync<T>(ReadOnlyMemory<T> send, int destination, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* from = send.Span)
        {
            return Queue(_calls.Transfers(CallKind.Send, from, (ulong)send.Length, destination, null, 0, -1, ElementType.Of<T>(), options), send, Memory<T>.Empty, cancellationToken);
        }
    }

    /// <summary>Queues a receive and returns; the memory stays pinned until it is done.</summary>
    /// <param name="receive">Where the elements go.</param>
    /// <param name="source">The rank that sends.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">Looked at before the call is queued: then nothing is sent. Cancelling later is a fault of the communicator on all ranks; there is no cancelling of one operation.</param>
    /// <returns>Done when the result is there. Await it once. It never completes on a thread of this library; the hop costs some microseconds, so for latency use the synchronous form.</returns>
    /// <inheritdoc cref="Receive{T}(Span{T}, int, in OperationOptions)"/>
    public ValueTask ReceiveAsync<T>(Memory<T> receive, int source, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* to = receive.Span)
        {
            return Queue(_calls.Transfers(CallKind.Receive, null, 0, -1, to, (ulong)receive.Length, source, ElementType.Of<T>(), options), ReadOnlyMemory<T>.Empty, receive, cancellationToken);
        }
    }

    /// <summary>Queues a receive from whichever rank sends first, and returns; the result is that rank.</summary>
    /// <param name="receive">Where the elements go.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">Looked at before the call is queued: then nothing is sent. Cancelling later is a fault of the communicator on all ranks; there is no cancelling of one operation.</param>
    /// <returns>Done when the result is there. Await it once. It never completes on a thread of this library; the hop costs some microseconds, so for latency use the synchronous form.</returns>
    /// <inheritdoc cref="ReceiveAny{T}(Span{T}, in OperationOptions)"/>
    public ValueTask<int> ReceiveAnyAsync<T>(Memory<T> receive, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* to = receive.Span)
        {
            Operation operation = Prepare(_calls.Transfers(CallKind.Receive, null, 0, -1, to, (ulong)receive.Length, Transfer.Any, ElementType.Of<T>(), options), ReadOnlyMemory<T>.Empty, receive, cancellationToken);
            ValueTask<int> task = operation.TaskOfSource;
            Submit(operation, cancellationToken);
            return task;
        }
    }

    /// <summary>Queues a send and a receive, and returns; the memory stays pinned until both are done.</summary>
    /// <param name="send">The elements for <paramref name="destination"/>.</param>
    /// <param name="destination">The rank that receives.</param>
    /// <param name="receive">Where the elements of <paramref name="source"/> go.</param>
    /// <param name="source">The rank that sends.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">Looked at before the call is queued: then nothing is sent. Cancelling later is a fault of the communicator on all ranks; there is no cancelling of one operation.</param>
    /// <returns>Done when the result is there. Await it once. It never completes on a thread of this library; the hop costs some microseconds, so for latency use the synchronous form.</returns>
    /// <inheritdoc cref="SendReceive{T}(ReadOnlySpan{T}, int, Span{T}, int, in OperationOptions)"/>
    public ValueTask SendReceiveAsync<T>(ReadOnlyMemory<T> send, int destination, Memory<T> receive, int source, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        fixed (T* from = send.Span)
        fixed (T* to = receive.Span)
        {
            return Queue(_calls.Transfers(CallKind.SendReceive, from, (ulong)send.Length, destination, to, (ulong)receive.Length, source, ElementType.Of<T>(), options), send, receive, cancellationToken);
        }
    }
}
