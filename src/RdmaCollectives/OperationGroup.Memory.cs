using RdmaCollectives.Diagnostics;
using RdmaCollectives.Planning;

namespace RdmaCollectives;

/// <content>Calls on memory that the group pins. Arguments and errors are those of the communicator's methods of the same name.</content>
public sealed unsafe partial class OperationGroup
{
    /// <summary>Adds an all-reduce.</summary>
    /// <param name="send">This rank's elements, or what it sends.</param>
    /// <param name="receive">The result; the same memory or not overlapping.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    public void AllReduce<T>(ReadOnlyMemory<T> send, Memory<T> receive, ReduceOp op, in OperationOptions options = default)
        where T : unmanaged =>
        Add(_calls.AllReduce(Pin(send), (ulong)send.Length, Pin<T>(receive), (ulong)receive.Length, ElementType.Of<T>(), ReduceBy.Of<T>(op), options));

    /// <summary>Adds an all-reduce in place.</summary>
    /// <param name="inPlace">This rank's elements, and the result.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    public void AllReduce<T>(Memory<T> inPlace, ReduceOp op, in OperationOptions options = default)
        where T : unmanaged => AllReduce(inPlace, inPlace, op, options);

    /// <summary>Adds an all-reduce by a reducer of the user's own.</summary>
    /// <param name="send">This rank's elements, or what it sends.</param>
    /// <param name="receive">The result; the same memory or not overlapping.</param>
    /// <param name="reducer">How elements are combined; copied.</param>
    /// <param name="options">What is special about this call.</param>
    public void AllReduce<T, TReducer>(ReadOnlyMemory<T> send, Memory<T> receive, TReducer reducer, in OperationOptions options = default)
        where T : unmanaged
        where TReducer : unmanaged, IReducer<T> =>
        Add(_calls.AllReduce(Pin(send), (ulong)send.Length, Pin<T>(receive), (ulong)receive.Length, ElementType.Of<T>(), ReduceBy.Of<T, TReducer>(Keep(reducer)), options));

    /// <summary>Adds a reduction to the root.</summary>
    /// <param name="send">This rank's elements, or what it sends.</param>
    /// <param name="receive">At the root the result.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="root">The root's rank.</param>
    /// <param name="options">What is special about this call.</param>
    public void Reduce<T>(ReadOnlyMemory<T> send, Memory<T> receive, ReduceOp op, int root, in OperationOptions options = default)
        where T : unmanaged =>
        Add(_calls.Reduce(Pin(send), (ulong)send.Length, Pin<T>(receive), (ulong)receive.Length, root, ElementType.Of<T>(), ReduceBy.Of<T>(op), options));

    /// <summary>Adds a broadcast.</summary>
    /// <param name="buffer">At the root what is given, elsewhere where it goes.</param>
    /// <param name="root">The root's rank.</param>
    /// <param name="options">What is special about this call.</param>
    public void Broadcast<T>(Memory<T> buffer, int root, in OperationOptions options = default)
        where T : unmanaged =>
        Add(_calls.Broadcast(Pin<T>(buffer), (ulong)buffer.Length, root, ElementType.Of<T>(), options));

    /// <summary>Adds an all-gather.</summary>
    /// <param name="send">This rank's elements, or what it sends.</param>
    /// <param name="receive">All blocks.</param>
    /// <param name="options">What is special about this call.</param>
    public void AllGather<T>(ReadOnlyMemory<T> send, Memory<T> receive, in OperationOptions options = default)
        where T : unmanaged =>
        Add(_calls.AllGather(Pin(send), (ulong)send.Length, Pin<T>(receive), (ulong)receive.Length, ElementType.Of<T>(), options));

    /// <summary>Adds an all-gather of blocks of different sizes.</summary>
    /// <param name="send">This rank's elements, or what it sends.</param>
    /// <param name="receive">Where all blocks go.</param>
    /// <param name="counts">Elements of each rank's block, by rank.</param>
    /// <param name="displacements">Where each block begins, in elements; empty: one behind the other.</param>
    /// <param name="options">What is special about this call.</param>
    public void AllGather<T>(ReadOnlyMemory<T> send, Memory<T> receive, ReadOnlySpan<int> counts, ReadOnlySpan<int> displacements, in OperationOptions options = default)
        where T : unmanaged =>
        Add(_calls.AllGather(Pin(send), (ulong)send.Length, Pin<T>(receive), (ulong)receive.Length, counts, displacements, new BlockSizes(_ranks), ElementType.Of<T>(), options));

    /// <summary>Adds a reduce-scatter.</summary>
    /// <param name="send">A block for every rank.</param>
    /// <param name="receive">This rank's block of the result.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    public void ReduceScatter<T>(ReadOnlyMemory<T> send, Memory<T> receive, ReduceOp op, in OperationOptions options = default)
        where T : unmanaged =>
        Add(_calls.ReduceScatter(Pin(send), (ulong)send.Length, Pin<T>(receive), (ulong)receive.Length, ElementType.Of<T>(), ReduceBy.Of<T>(op), options));

    /// <summary>Adds a reduce-scatter with blocks of different sizes.</summary>
    /// <param name="send">A block for every rank, one behind the other.</param>
    /// <param name="receive">This rank's block of the result.</param>
    /// <param name="counts">Elements of each rank's block, by rank.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    public void ReduceScatter<T>(ReadOnlyMemory<T> send, Memory<T> receive, ReadOnlySpan<int> counts, ReduceOp op, in OperationOptions options = default)
        where T : unmanaged =>
        Add(_calls.ReduceScatter(Pin(send), (ulong)send.Length, Pin<T>(receive), (ulong)receive.Length, counts, new BlockSizes(_ranks), ElementType.Of<T>(), ReduceBy.Of<T>(op), options));

    /// <summary>Adds an all-to-all.</summary>
    /// <param name="send">A block for every rank.</param>
    /// <param name="receive">A block from every rank.</param>
    /// <param name="options">What is special about this call.</param>
    public void AllToAll<T>(ReadOnlyMemory<T> send, Memory<T> receive, in OperationOptions options = default)
        where T : unmanaged =>
        Add(_calls.AllToAll(Pin(send), (ulong)send.Length, Pin<T>(receive), (ulong)receive.Length, ElementType.Of<T>(), options));

    /// <summary>Adds an all-to-all with blocks of different sizes.</summary>
    /// <param name="send">A block for every rank.</param>
    /// <param name="sendCounts">Elements for each rank.</param>
    /// <param name="sendDisplacements">Where each block begins, in elements; empty: one behind the other.</param>
    /// <param name="receive">Where the blocks of all ranks go.</param>
    /// <param name="receiveCounts">Elements from each rank.</param>
    /// <param name="receiveDisplacements">Where each block begins, in elements; empty: one behind the other.</param>
    /// <param name="options">What is special about this call.</param>
    public void AllToAll<T>(ReadOnlyMemory<T> send, ReadOnlySpan<int> sendCounts, ReadOnlySpan<int> sendDisplacements, Memory<T> receive, ReadOnlySpan<int> receiveCounts, ReadOnlySpan<int> receiveDisplacements, in OperationOptions options = default)
        where T : unmanaged =>
        Add(_calls.AllToAll(Pin(send), (ulong)send.Length, sendCounts, sendDisplacements, Pin<T>(receive), (ulong)receive.Length, receiveCounts, receiveDisplacements, new BlockSizes(_ranks), ElementType.Of<T>(), options));

    /// <summary>Adds a gather.</summary>
    /// <param name="send">This rank's elements, or what it sends.</param>
    /// <param name="receive">At the root all blocks.</param>
    /// <param name="root">The root's rank.</param>
    /// <param name="options">What is special about this call.</param>
    public void Gather<T>(ReadOnlyMemory<T> send, Memory<T> receive, int root, in OperationOptions options = default)
        where T : unmanaged =>
        Add(_calls.Gather(Pin(send), (ulong)send.Length, Pin<T>(receive), (ulong)receive.Length, root, ElementType.Of<T>(), options));

    /// <summary>Adds a scatter.</summary>
    /// <param name="send">At the root a block for every rank.</param>
    /// <param name="receive">This rank's block.</param>
    /// <param name="root">The root's rank.</param>
    /// <param name="options">What is special about this call.</param>
    public void Scatter<T>(ReadOnlyMemory<T> send, Memory<T> receive, int root, in OperationOptions options = default)
        where T : unmanaged =>
        Add(_calls.Scatter(Pin(send), (ulong)send.Length, Pin<T>(receive), (ulong)receive.Length, root, ElementType.Of<T>(), options));

    /// <summary>Adds a send; a group may send to this rank itself what it receives too.</summary>
    /// <param name="send">The elements.</param>
    /// <param name="destination">The rank that receives.</param>
    /// <param name="options">What is special about this call.</param>
    public void Send<T>(ReadOnlyMemory<T> send, int destination, in OperationOptions options = default)
        where T : unmanaged =>
        Add(_calls.Transfers(CallKind.Send, Pin(send), (ulong)send.Length, destination, null, 0, -1, ElementType.Of<T>(), options));

    /// <summary>Adds a receive.</summary>
    /// <param name="receive">Where the elements go.</param>
    /// <param name="source">The rank that sends.</param>
    /// <param name="options">What is special about this call.</param>
    public void Receive<T>(Memory<T> receive, int source, in OperationOptions options = default)
        where T : unmanaged =>
        Add(_calls.Transfers(CallKind.Receive, null, 0, -1, Pin<T>(receive), (ulong)receive.Length, source, ElementType.Of<T>(), options));

    /// <summary>Adds a receive from whichever rank sends first, of those that the group receives nothing else from.</summary>
    /// <param name="receive">Where the elements go.</param>
    /// <param name="options">What is special about this call.</param>
    public void ReceiveAny<T>(Memory<T> receive, in OperationOptions options = default)
        where T : unmanaged =>
        Add(_calls.Transfers(CallKind.Receive, null, 0, -1, Pin<T>(receive), (ulong)receive.Length, Transfer.Any, ElementType.Of<T>(), options));
}
