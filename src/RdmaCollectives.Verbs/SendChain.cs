using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace RdmaCollectives.Verbs;

/// <summary>
/// Send requests that are posted by one call, each with at most one local piece of memory. The requests lie in pinned memory that is allocated once:
/// fill, post, clear and fill again allocates nothing. Not for several threads at a time.
/// </summary>
public sealed unsafe class SendChain
{
    private readonly SendRequest[] _requests;
    private readonly ScatterGatherElement[] _elements;
    private int _count;

    /// <summary>A chain of at most <paramref name="capacity"/> requests.</summary>
    public SendChain(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _requests = GC.AllocateArray<SendRequest>(capacity, pinned: true);
        _elements = GC.AllocateArray<ScatterGatherElement>(capacity, pinned: true);
    }

    /// <summary>The most requests.</summary>
    public int Capacity => _requests.Length;

    /// <summary>The requests that were added since <see cref="Clear"/>.</summary>
    public int Count => _count;

    /// <summary>The request at <paramref name="index"/>, below <see cref="Count"/>.</summary>
    public ref SendRequest this[int index] => ref _requests.AsSpan(0, _count)[index];

    /// <summary>The first request, linked to all others; null when there is none. Valid while the chain is alive.</summary>
    internal SendRequest* First => _count == 0 ? null : Pointer(0);

    /// <summary>Takes all requests out.</summary>
    public void Clear() => _count = 0;

    /// <summary>Adds a request and links it behind the last; the caller names the peer's memory, if any, in what comes back.</summary>
    /// <param name="workRequestId">The id for its completion.</param>
    /// <param name="opcode">What it does.</param>
    /// <param name="element">The local memory; with 0 bytes the request has none.</param>
    /// <param name="flags">How it is treated.</param>
    public ref SendRequest Add(ulong workRequestId, SendOpcode opcode, in ScatterGatherElement element, SendFlags flags = SendFlags.None)
    {
        int index = _count;
        if (index == _requests.Length)
            ThrowFull();
        _elements[index] = element;
        ref SendRequest request = ref _requests[index];
        request.WorkRequestId = workRequestId;
        request.Opcode = opcode;
        request.Flags = flags;
        request.Next = null;
        request.SetElements((ScatterGatherElement*)Unsafe.AsPointer(ref _elements[index]), element.ByteCount == 0 ? 0 : 1);
        if (index > 0)
            _requests[index - 1].Next = Pointer(index);
        _count = index + 1;
        return ref request;
    }

    /// <summary>Adds an RDMA write of <paramref name="element"/> to the peer's memory.</summary>
    public void AddWrite(ulong workRequestId, in ScatterGatherElement element, ulong remoteAddress, uint remoteKey, SendFlags flags = SendFlags.None) =>
        Add(workRequestId, SendOpcode.Write, element, flags).SetRemote(remoteAddress, remoteKey);

    /// <summary>Adds an RDMA write that also completes one of the peer's receives with <paramref name="immediate"/>.</summary>
    public void AddWriteWithImmediate(
        ulong workRequestId, in ScatterGatherElement element, ulong remoteAddress, uint remoteKey, uint immediate, SendFlags flags = SendFlags.None)
    {
        ref SendRequest request = ref Add(workRequestId, SendOpcode.WriteWithImmediate, element, flags);
        request.SetRemote(remoteAddress, remoteKey);
        request.Immediate = immediate;
    }

    /// <summary>How many of the requests come before <paramref name="request"/>; all of them when it is null.</summary>
    internal int CountBefore(SendRequest* request) => request == null ? _count : (int)(request - Pointer(0));

    private SendRequest* Pointer(int index) => (SendRequest*)Unsafe.AsPointer(ref _requests[index]);

    [DoesNotReturn]
    private void ThrowFull() => throw new InvalidOperationException($"The chain is full: it was made for {Capacity} requests.");
}
