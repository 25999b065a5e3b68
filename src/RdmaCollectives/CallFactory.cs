using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RdmaCollectives.Diagnostics;
using RdmaCollectives.Execution;
using RdmaCollectives.Planning;
using RdmaCollectives.Reduction;

namespace RdmaCollectives;

/// <summary>
/// Checks the arguments of a call and makes the <see cref="Call"/> of it, for all public forms: lengths in elements, memory that stays where it is. What it throws names the argument of the public
/// method; nothing has been sent then. In a group a rank may send to itself in one call and receive it in another.
/// </summary>
internal sealed unsafe partial class CallFactory(int rank, int ranks, bool bitExact, bool inGroup = false)
{
    /// <summary>The same for the calls of a group.</summary>
    public CallFactory ForGroup() => new(rank, ranks, bitExact, inGroup: true);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Call AllReduce(void* send, ulong sendLength, void* receive, ulong receiveLength, ElementType type, in ReduceBy by, in OperationOptions options)
    {
        Arguments.RequireLength(nameof(receive), receiveLength, sendLength, "an all-reduce gives as many elements as it takes");
        Arguments.RequireSameOrApart(send, receive, sendLength, type.Size);
        Reducing(out Call call, CallKind.AllReduce, type, by, options);
        Lay(ref call, send, sendLength, receive, receiveLength, sendLength);
        return call;
    }

    public Call Reduce(void* send, ulong sendLength, void* receive, ulong receiveLength, int root, ElementType type, in ReduceBy by, in OperationOptions options)
    {
        RequireRank(nameof(root), root);
        Reducing(out Call call, CallKind.Reduce, type, by, options);
        call.Root = root;
        if (rank != root)
        {
            Lay(ref call, send, sendLength, null, 0, sendLength);
            return call;
        }

        Arguments.RequireLength(nameof(receive), receiveLength, sendLength, "a reduction gives the root as many elements as it takes");
        Arguments.RequireSameOrApart(send, receive, sendLength, type.Size);
        Lay(ref call, send, sendLength, receive, receiveLength, sendLength);
        return call;
    }

    public Call Broadcast(void* buffer, ulong length, int root, ElementType type, in OperationOptions options)
    {
        RequireRank(nameof(root), root);
        Moving(out Call call, CallKind.Broadcast, type, options);
        call.Root = root;
        Lay(ref call, rank == root ? buffer : null, rank == root ? length : 0, buffer, length, length);
        return call;
    }

    public Call AllGather(void* send, ulong sendLength, void* receive, ulong receiveLength, ElementType type, in OperationOptions options)
    {
        Arguments.RequireLength(nameof(receive), receiveLength, Arguments.Times(sendLength, ranks, nameof(receive)), $"every one of {ranks} ranks gives a block of {sendLength} elements");
        Arguments.RequireOwnBlockOrApart(send, sendLength, receive, receiveLength, (ulong)rank * sendLength, type.Size, "receive");
        Moving(out Call call, CallKind.AllGather, type, options);
        Lay(ref call, send, sendLength, receive, receiveLength, sendLength);
        return call;
    }

    public Call ReduceScatter(void* send, ulong sendLength, void* receive, ulong receiveLength, ElementType type, in ReduceBy by, in OperationOptions options)
    {
        Arguments.RequireLength(nameof(send), sendLength, Arguments.Times(receiveLength, ranks, nameof(send)), $"every one of {ranks} ranks gets a block of {receiveLength} elements");
        Arguments.RequireOwnBlockOrApart(receive, receiveLength, send, sendLength, (ulong)rank * receiveLength, type.Size, "send");
        Reducing(out Call call, CallKind.ReduceScatter, type, by, options);
        Lay(ref call, send, sendLength, receive, receiveLength, receiveLength);
        return call;
    }

    public Call AllToAll(void* send, ulong sendLength, void* receive, ulong receiveLength, ElementType type, in OperationOptions options)
    {
        Arguments.RequireLength(nameof(receive), receiveLength, sendLength, "an all-to-all gives as many elements as it takes");
        if (sendLength % (ulong)ranks != 0)
        {
            throw new ArgumentException($"send has {sendLength} elements, which {ranks} ranks cannot divide evenly: pass a multiple of {ranks}, or counts.", nameof(send));
        }

        Arguments.RequireSameOrApart(send, receive, sendLength, type.Size);
        Moving(out Call call, CallKind.AllToAll, type, options);
        Lay(ref call, send, sendLength, receive, receiveLength, sendLength / (ulong)ranks);
        return call;
    }

    public Call Gather(void* send, ulong sendLength, void* receive, ulong receiveLength, int root, ElementType type, in OperationOptions options)
    {
        RequireRank(nameof(root), root);
        Moving(out Call call, CallKind.Gather, type, options);
        call.Root = root;
        if (rank == root)
        {
            Arguments.RequireLength(nameof(receive), receiveLength, Arguments.Times(sendLength, ranks, nameof(receive)), $"the root gets a block of {sendLength} elements from every one of {ranks} ranks");
            Arguments.RequireOwnBlockOrApart(send, sendLength, receive, receiveLength, (ulong)rank * sendLength, type.Size, "receive");
        }

        Lay(ref call, send, sendLength, rank == root ? receive : null, rank == root ? receiveLength : 0, sendLength);
        return call;
    }

    public Call Scatter(void* send, ulong sendLength, void* receive, ulong receiveLength, int root, ElementType type, in OperationOptions options)
    {
        RequireRank(nameof(root), root);
        Moving(out Call call, CallKind.Scatter, type, options);
        call.Root = root;
        if (rank == root)
        {
            Arguments.RequireLength(nameof(send), sendLength, Arguments.Times(receiveLength, ranks, nameof(send)), $"the root gives every one of {ranks} ranks a block of {receiveLength} elements");
            Arguments.RequireOwnBlockOrApart(receive, receiveLength, send, sendLength, (ulong)rank * receiveLength, type.Size, "send");
        }

        Lay(ref call, rank == root ? send : null, rank == root ? sendLength : 0, receive, receiveLength, receiveLength);
        return call;
    }

    public Call Barrier(in OperationOptions options)
    {
        Moving(out Call call, CallKind.Barrier, ElementType.Of(DataType.UInt8), options);
        return call;
    }

    /// <summary>A send, a receive or both; <paramref name="destination"/> and <paramref name="source"/> are ranks, -1 for neither, or <see cref="Transfer.Any"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Call Transfers(CallKind kind, void* send, ulong sendLength, int destination, void* receive, ulong receiveLength, int source, ElementType type, in OperationOptions options)
    {
        if (kind != CallKind.Receive)
        {
            RequireRank(nameof(destination), destination);
        }

        if (kind != CallKind.Send && source != Transfer.Any)
        {
            RequireRank(nameof(source), source);
        }

        RequireFit(kind, sendLength, destination, receiveLength, source);
        Arguments.RequireNoNull(nameof(send), send, sendLength);
        Arguments.RequireNoNull(nameof(receive), receive, receiveLength);
        if (kind == CallKind.SendReceive)
        {
            Arguments.RequireApart(send, sendLength, receive, receiveLength, type.Size);
        }

        Moving(out Call call, kind, type, options);
        call.SendPeer = kind == CallKind.Receive ? -1 : destination;
        call.ReceivePeer = kind == CallKind.Send ? -1 : source;
        call.Input = (byte*)send;
        call.InputLength = sendLength;
        call.Output = (byte*)receive;
        call.OutputLength = receiveLength;
        return call;
    }

    // A rank may send to itself where the same call receives it; alone it would wait for itself.
    private void RequireFit(CallKind kind, ulong sendLength, int destination, ulong receiveLength, int source)
    {
        bool toSelf = kind != CallKind.Receive && destination == rank;
        bool fromSelf = kind != CallKind.Send && source == rank;
        if (toSelf != fromSelf && !inGroup)
        {
            throw new ArgumentException($"Rank {rank} cannot {(toSelf ? "send to" : "receive from")} itself alone: use SendReceive with itself as destination and source, or a group with both.", toSelf ? nameof(destination) : nameof(source));
        }

        if (toSelf && fromSelf && sendLength != receiveLength)
        {
            throw new ArgumentException($"Rank {rank} sends {sendLength} elements to itself and receives {receiveLength}: pass equal lengths.", "receive");
        }
    }

    private void RequireRank(string name, int value)
    {
        if ((uint)value >= (uint)ranks)
        {
            throw new ArgumentOutOfRangeException(name, value, $"The ranks are 0 to {ranks - 1}.");
        }
    }

    private static string? NameOf(in OperationOptions options)
    {
        if (options.Name is { } name && !CallDescription.IsName(name))
        {
            ThrowName(name);
        }

        return options.Name;
    }

    [DoesNotReturn]
    private static void ThrowName(string name) =>
        throw new ArgumentException($"The name of a call is shown to people: '{string.Concat(name.Select(static c => char.IsControl(c) ? '?' : c))}' is empty or has control characters; name it with others, or not.", "options");

    // These fill in the call where it is wanted: it is too large to be copied there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reducing(out Call call, CallKind kind, ElementType type, in ReduceBy by, in OperationOptions options)
    {
        Begin(out call, kind, type, by.Op, by.Kernel, by.NameHash, options);
        call.KernelState = by.State;
        call.IsBitExact = bitExact || options.BitExact;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Moving(out Call call, CallKind kind, ElementType type, in OperationOptions options) =>
        Begin(out call, kind, type, CallDescription.NoReduction, type.Mover, type.NameHash, options);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Begin(out Call call, CallKind kind, ElementType type, byte op, in ReduceKernel kernel, uint nameHash, in OperationOptions options)
    {
        call = default;
        call.Kind = kind;
        call.DataType = type.Code;
        call.ReduceOp = op;
        call.Kernel = kernel;
        call.UserTypeHash = nameHash;
        call.SendPeer = -1;
        call.ReceivePeer = -1;
        call.Algorithm = options.Algorithm;
        call.Deadline = options.Deadline;
        call.Name = NameOf(options);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Lay(ref Call call, void* send, ulong sendLength, void* receive, ulong receiveLength, ulong elementCount)
    {
        call.Input = (byte*)send;
        call.InputLength = sendLength;
        call.Output = (byte*)receive;
        call.OutputLength = receiveLength;
        call.ElementCount = elementCount;
        int size = call.Kernel.ElementSize;
        Arguments.RequireBytes(nameof(send), send, sendLength, size);
        Arguments.RequireBytes(nameof(receive), receive, receiveLength, size);
    }
}
