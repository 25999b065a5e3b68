using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>A request for a receive queue; the C struct <c>ibv_recv_wr</c> itself. For its pointers the rule of <see cref="SendRequest"/> holds.</summary>
public unsafe struct ReceiveRequest
{
    private ibv_recv_wr _native;

    /// <summary>Any value; the completion brings it back.</summary>
    public ulong WorkRequestId
    {
        readonly get => _native.wr_id;
        set => _native.wr_id = value;
    }

    /// <summary>The request to be posted after this one in the same call, or null.</summary>
    public ReceiveRequest* Next
    {
        readonly get => (ReceiveRequest*)_native.next;
        set => _native.next = (ibv_recv_wr*)value;
    }

    /// <summary>The pieces of memory that the message goes to.</summary>
    public readonly ScatterGatherElement* Elements => (ScatterGatherElement*)_native.sg_list;

    /// <summary>The number of pieces; 0 for a receive that only takes immediates.</summary>
    public readonly int ElementCount => _native.num_sge;

    /// <summary>Sets the pieces of memory.</summary>
    public void SetElements(ScatterGatherElement* elements, int count)
    {
        _native.sg_list = (ibv_sge*)elements;
        _native.num_sge = count;
    }
}
