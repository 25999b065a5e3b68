using System.Runtime.CompilerServices;
using RdmaCollectives.Execution;
using RdmaCollectives.Reduction;
using RdmaCollectives.Schedules;

namespace RdmaCollectives;

public sealed unsafe partial class Communicator
{
    private const byte UserDefined = byte.MaxValue;

    /// <summary>Reduces the elements of all ranks, and gives every rank the result: <c>receive[i] = send(0)[i] (+) ... (+) send(n-1)[i]</c>, the same bits on every rank.</summary>
    /// <typeparam name="T">An element type that <see cref="DataType"/> lists.</typeparam>
    /// <param name="send">This rank's elements; the same count on every rank, 0 included.</param>
    /// <param name="receive">The result; as long as <paramref name="send"/>. The same memory as <paramref name="send"/>, or memory that does not overlap it.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <remarks>Cost: up to 8 KiB one hop and n-1 messages of the whole buffer; above that 2(n-1) hops and 2(n-1)/n of the buffer sent by each rank. Allocates nothing when the same shape is called again.</remarks>
    /// <exception cref="ArgumentException">Lengths differ, buffers overlap in part, or there is no built-in reduction for the type. Nothing was sent.</exception>
    /// <exception cref="CollectiveMismatchException">Another rank made a different call.</exception>
    /// <exception cref="CommunicatorFaultException">A rank died, a deadline passed, or the communicator is at fault already.</exception>
    /// <exception cref="InvalidOperationException">Another thread is inside a call, or a reducer called.</exception>
    public void AllReduce<T>(ReadOnlySpan<T> send, Span<T> receive, ReduceOp op, in OperationOptions options = default)
        where T : unmanaged
    {
        ReduceKernel kernel = ReduceTable.Get<T>(op);
        ThrowIfUnfit(send, receive);
        fixed (T* from = send)
        fixed (T* to = receive)
        {
            _engine.Run(BuiltIn(kernel, DataTypes.Of<T>(), op, from, to, (ulong)send.Length, options));
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
    /// <param name="inPlace">This rank's elements, and the result.</param>
    /// <param name="reducer">How elements are combined; equal on all ranks. One that throws is a fault of the communicator.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="AllReduce{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, in OperationOptions)"/>
    public void AllReduce<T, TReducer>(Span<T> inPlace, TReducer reducer, in OperationOptions options = default)
        where T : unmanaged
        where TReducer : unmanaged, IReducer<T>
    {
        fixed (T* at = inPlace)
        {
            var call = new Call
            {
                Collective = CollectiveKind.AllReduce,
                DataType = DataTypes.TryOf<T>(out DataType type) ? (byte)type : UserDefined,
                ReduceOp = UserDefined,
                Kernel = ReduceTable.ForReducer<T, TReducer>(),
                KernelState = &reducer,
                UserTypeHash = TypeNames<T, TReducer>.Hash,
                Input = (byte*)at,
                Output = (byte*)at,
                ElementCount = (ulong)inPlace.Length,
                Deadline = options.Deadline,
            };
            _engine.Run(call);
        }
    }

    /// <summary>All-reduce over raw memory: for other languages, for counts over 2^31. The memory must not move or be freed during the call.</summary>
    /// <param name="send">This rank's elements.</param>
    /// <param name="receive">The result; equal to <paramref name="send"/>, or not overlapping it.</param>
    /// <param name="elementCount">Elements, not bytes.</param>
    /// <param name="type">The element type.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <inheritdoc cref="AllReduce{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, in OperationOptions)"/>
    public void AllReduce(void* send, void* receive, nuint elementCount, DataType type, ReduceOp op, in OperationOptions options = default)
    {
        ReduceKernel kernel = ReduceTable.Get(type, op);
        ThrowIfUnfit(send, receive, elementCount, kernel.ElementSize);
        _engine.Run(BuiltIn(kernel, type, op, send, receive, elementCount, options));
    }

    /// <summary>Queues an all-reduce and returns; the memory stays pinned until it is done.</summary>
    /// <param name="send">This rank's elements.</param>
    /// <param name="receive">The result; the same memory or not overlapping.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    /// <param name="cancellationToken">
    /// Looked at before the call is queued: then nothing is sent. Cancelling later is a fault of the communicator on all ranks: this call throws <see cref="OperationCanceledException"/>,
    /// every other one <see cref="CommunicatorFaultException"/> with reason <see cref="Error.Canceled"/>. There is no cancelling of one operation.
    /// </param>
    /// <returns>Done when the result is there. Await it once. It never completes on a thread of this library; the hop costs some microseconds, so for latency use the synchronous form.</returns>
    /// <inheritdoc cref="AllReduce{T}(ReadOnlySpan{T}, Span{T}, ReduceOp, in OperationOptions)"/>
    public ValueTask AllReduceAsync<T>(ReadOnlyMemory<T> send, Memory<T> receive, ReduceOp op, in OperationOptions options = default, CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        ReduceKernel kernel = ReduceTable.Get<T>(op);
        ThrowIfUnfit(send.Span, receive.Span);
        cancellationToken.ThrowIfCancellationRequested();
        Operation operation = _engine.Pool.Rent();
        try
        {
            operation.Pin(send, receive, out T* from, out T* to);
            operation.Call = BuiltIn(kernel, DataTypes.Of<T>(), op, from, to, (ulong)send.Length, options);
            return _engine.RunAsync(operation, cancellationToken);
        }
        catch
        {
            operation.Abandon();
            throw;
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

    private static Call BuiltIn(in ReduceKernel kernel, DataType type, ReduceOp op, void* from, void* to, ulong elementCount, in OperationOptions options) => new()
    {
        Collective = CollectiveKind.AllReduce,
        DataType = (byte)type,
        ReduceOp = (byte)op,
        Kernel = kernel,
        Input = (byte*)from,
        Output = (byte*)to,
        ElementCount = elementCount,
        Deadline = options.Deadline,
    };

    private static void ThrowIfUnfit<T>(ReadOnlySpan<T> send, ReadOnlySpan<T> receive)
    {
        if (send.Length != receive.Length)
        {
            ThrowLengths(send.Length, receive.Length);
        }

        if (send.Overlaps(receive, out int offset) && offset != 0)
        {
            ThrowOverlap(offset);
        }
    }

    private static void ThrowIfUnfit(void* send, void* receive, nuint elementCount, int elementSize)
    {
        if (elementCount == 0)
        {
            return;
        }

        ArgumentNullException.ThrowIfNull(send);
        ArgumentNullException.ThrowIfNull(receive);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementCount, (nuint)nint.MaxValue / (nuint)elementSize);
        nuint byteCount = elementCount * (nuint)elementSize;
        nuint distance = (nuint)Math.Max((ulong)send, (ulong)receive) - (nuint)Math.Min((ulong)send, (ulong)receive);
        if (distance != 0 && distance < byteCount)
        {
            ThrowOverlap((long)distance / elementSize);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowLengths(int send, int receive) =>
        throw new ArgumentException($"receive has {receive} elements and send has {send}: an all-reduce gives as many elements as it takes. Pass a receive buffer of {send} elements.", nameof(receive));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowOverlap(long offset) =>
        throw new ArgumentException($"receive overlaps send, {Math.Abs(offset)} elements apart: pass the same memory for both (in place), or memory that does not overlap.", "receive");
}
