using RdmaCollectives.Diagnostics;

namespace RdmaCollectives;

/// <content>Calls on raw memory, which must not move or be freed before the group is disposed.</content>
public sealed unsafe partial class OperationGroup
{
    /// <summary>Adds an all-reduce.</summary>
    /// <param name="send">This rank's elements, or what it sends.</param>
    /// <param name="receive">The result; equal to send or not overlapping it.</param>
    /// <param name="elementCount">Elements, not bytes.</param>
    /// <param name="type">The element type.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    public void AllReduce(void* send, void* receive, nuint elementCount, DataType type, ReduceOp op, in OperationOptions options = default) =>
        Add(_calls.AllReduce(send, elementCount, receive, elementCount, ElementType.Of(type), ReduceBy.Of(type, op), options));

    /// <summary>Adds a reduction to the root.</summary>
    /// <param name="send">This rank's elements, or what it sends.</param>
    /// <param name="receive">At the root the result.</param>
    /// <param name="elementCount">Elements, not bytes.</param>
    /// <param name="type">The element type.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="root">The root's rank.</param>
    /// <param name="options">What is special about this call.</param>
    public void Reduce(void* send, void* receive, nuint elementCount, DataType type, ReduceOp op, int root, in OperationOptions options = default) =>
        Add(_calls.Reduce(send, elementCount, receive, elementCount, root, ElementType.Of(type), ReduceBy.Of(type, op), options));

    /// <summary>Adds a broadcast.</summary>
    /// <param name="buffer">At the root what is given, elsewhere where it goes.</param>
    /// <param name="elementCount">Elements, not bytes.</param>
    /// <param name="type">The element type.</param>
    /// <param name="root">The root's rank.</param>
    /// <param name="options">What is special about this call.</param>
    public void Broadcast(void* buffer, nuint elementCount, DataType type, int root, in OperationOptions options = default) =>
        Add(_calls.Broadcast(buffer, elementCount, root, ElementType.Of(type), options));

    /// <summary>Adds an all-gather.</summary>
    /// <param name="send">This rank's elements, or what it sends.</param>
    /// <param name="receive">All blocks.</param>
    /// <param name="elementCount">Elements of one block.</param>
    /// <param name="type">The element type.</param>
    /// <param name="options">What is special about this call.</param>
    public void AllGather(void* send, void* receive, nuint elementCount, DataType type, in OperationOptions options = default) =>
        Add(_calls.AllGather(send, elementCount, receive, Arguments.Times(elementCount, _ranks, nameof(elementCount)), ElementType.Of(type), options));

    /// <summary>Adds a reduce-scatter.</summary>
    /// <param name="send">A block for every rank.</param>
    /// <param name="receive">This rank's block of the result.</param>
    /// <param name="elementCount">Elements of one block.</param>
    /// <param name="type">The element type.</param>
    /// <param name="op">How elements are combined.</param>
    /// <param name="options">What is special about this call.</param>
    public void ReduceScatter(void* send, void* receive, nuint elementCount, DataType type, ReduceOp op, in OperationOptions options = default) =>
        Add(_calls.ReduceScatter(send, Arguments.Times(elementCount, _ranks, nameof(elementCount)), receive, elementCount, ElementType.Of(type), ReduceBy.Of(type, op), options));

    /// <summary>Adds an all-to-all.</summary>
    /// <param name="send">A block for every rank.</param>
    /// <param name="receive">A block from every rank.</param>
    /// <param name="elementCount">Elements of one block.</param>
    /// <param name="type">The element type.</param>
    /// <param name="options">What is special about this call.</param>
    public void AllToAll(void* send, void* receive, nuint elementCount, DataType type, in OperationOptions options = default) =>
        Add(_calls.AllToAll(send, Arguments.Times(elementCount, _ranks, nameof(elementCount)), receive, Arguments.Times(elementCount, _ranks, nameof(elementCount)), ElementType.Of(type), options));

    /// <summary>Adds a gather.</summary>
    /// <param name="send">This rank's elements, or what it sends.</param>
    /// <param name="receive">At the root all blocks.</param>
    /// <param name="elementCount">Elements of one block.</param>
    /// <param name="type">The element type.</param>
    /// <param name="root">The root's rank.</param>
    /// <param name="options">What is special about this call.</param>
    public void Gather(void* send, void* receive, nuint elementCount, DataType type, int root, in OperationOptions options = default) =>
        Add(_calls.Gather(send, elementCount, receive, Arguments.Times(elementCount, _ranks, nameof(elementCount)), root, ElementType.Of(type), options));

    /// <summary>Adds a scatter.</summary>
    /// <param name="send">At the root a block for every rank.</param>
    /// <param name="receive">This rank's block.</param>
    /// <param name="elementCount">Elements of one block.</param>
    /// <param name="type">The element type.</param>
    /// <param name="root">The root's rank.</param>
    /// <param name="options">What is special about this call.</param>
    public void Scatter(void* send, void* receive, nuint elementCount, DataType type, int root, in OperationOptions options = default) =>
        Add(_calls.Scatter(send, Arguments.Times(elementCount, _ranks, nameof(elementCount)), receive, elementCount, root, ElementType.Of(type), options));

    /// <summary>Adds a send.</summary>
    /// <param name="send">The elements.</param>
    /// <param name="elementCount">Elements, not bytes.</param>
    /// <param name="type">The element type.</param>
    /// <param name="destination">The rank that receives.</param>
    /// <param name="options">What is special about this call.</param>
    public void Send(void* send, nuint elementCount, DataType type, int destination, in OperationOptions options = default) =>
        Add(_calls.Transfers(CallKind.Send, send, elementCount, destination, null, 0, -1, ElementType.Of(type), options));

    /// <summary>Adds a receive.</summary>
    /// <param name="receive">Where the elements go.</param>
    /// <param name="elementCount">Elements, not bytes.</param>
    /// <param name="type">The element type.</param>
    /// <param name="source">The rank that sends.</param>
    /// <param name="options">What is special about this call.</param>
    public void Receive(void* receive, nuint elementCount, DataType type, int source, in OperationOptions options = default) =>
        Add(_calls.Transfers(CallKind.Receive, null, 0, -1, receive, elementCount, source, ElementType.Of(type), options));
}
