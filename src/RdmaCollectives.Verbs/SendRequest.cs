using System.Buffers.Binary;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>
/// A request for a send queue; the C struct <c>ibv_send_wr</c> itself, so that posting copies nothing. Its elements and the next request are raw
/// pointers: they point to native, pinned or stack memory that stays where it is during the post, and only then.
/// </summary>
public unsafe struct SendRequest
{
    private ibv_send_wr _native;

    /// <summary>Any value; the completion brings it back.</summary>
    public ulong WorkRequestId
    {
        readonly get => _native.wr_id;
        set => _native.wr_id = value;
    }

    /// <summary>What it does.</summary>
    public SendOpcode Opcode
    {
        readonly get => (SendOpcode)_native.opcode;
        set => _native.opcode = (ibv_wr_opcode)value;
    }

    /// <summary>How it is treated.</summary>
    public SendFlags Flags
    {
        readonly get => (SendFlags)_native.send_flags;
        set => _native.send_flags = (uint)value;
    }

    /// <summary>The 32 bits of a request with immediate.</summary>
    public uint Immediate
    {
        readonly get => BinaryPrimitives.ReverseEndianness(_native.imm_data);
        set => _native.imm_data = BinaryPrimitives.ReverseEndianness(value);
    }

    /// <summary>The request to be posted after this one in the same call, or null.</summary>
    public SendRequest* Next
    {
        readonly get => (SendRequest*)_native.next;
        set => _native.next = (ibv_send_wr*)value;
    }

    /// <summary>The local pieces of memory: what is sent or written, or where a read or atomic puts its result.</summary>
    public readonly ScatterGatherElement* Elements => (ScatterGatherElement*)_native.sg_list;

    /// <summary>The number of local pieces; 0 for a message without data.</summary>
    public readonly int ElementCount => _native.num_sge;

    /// <summary>Sets the local pieces.</summary>
    public void SetElements(ScatterGatherElement* elements, int count)
    {
        _native.sg_list = (ibv_sge*)elements;
        _native.num_sge = count;
    }

    /// <summary>Names the peer's memory for a write or read.</summary>
    public void SetRemote(ulong address, uint remoteKey)
    {
        _native.wr.rdma.remote_addr = address;
        _native.wr.rdma.rkey = remoteKey;
    }

    /// <summary>Makes it a <see cref="SendOpcode.BindMemoryWindow"/>: from its completion on the peer of this queue pair reaches the range by the window's <see cref="MemoryWindow.NextRemoteKey"/> of now.</summary>
    /// <param name="window">The window; its region is the one that is opened. Not bound at present.</param>
    /// <param name="address">Where the range begins.</param>
    /// <param name="byteCount">The number of bytes.</param>
    /// <param name="access">What the peer may do.</param>
    public void SetBind(MemoryWindow window, ulong address, ulong byteCount, MemoryAccess access)
    {
        ArgumentNullException.ThrowIfNull(window);
        window.Native->rkey = window.RemoteKey; // providers name the window by its last key; some keep it up to date themselves, rxe does not
        window.RemoteKey = window.NextRemoteKey;
        Opcode = SendOpcode.BindMemoryWindow;
        _native.bind_mw.mw = window.Native;
        _native.bind_mw.rkey = window.RemoteKey;
        _native.bind_mw.bind_info = new ibv_mw_bind_info { mr = window.NativeRegion, addr = address, length = byteCount, mw_access_flags = (uint)access };
    }

    /// <summary>Makes it a <see cref="SendOpcode.LocalInvalidate"/>: from its completion on <paramref name="remoteKey"/>, of a window bound to this queue pair, opens nothing.</summary>
    public void SetInvalidate(uint remoteKey)
    {
        Opcode = SendOpcode.LocalInvalidate;
        _native.imm_data = remoteKey; // the union's invalidate_rkey, in the host's order
    }

    /// <summary>Names the peer's 8 bytes, aligned to 8, and the operands of an atomic.</summary>
    /// <param name="address">Where.</param>
    /// <param name="remoteKey">The rkey.</param>
    /// <param name="compareOrAdd">The value to compare with, or the value to add.</param>
    /// <param name="swap">The value to store when equal; not used by an addition.</param>
    public void SetAtomic(ulong address, uint remoteKey, ulong compareOrAdd, ulong swap = 0)
    {
        _native.wr.atomic.remote_addr = address;
        _native.wr.atomic.compare_add = compareOrAdd;
        _native.wr.atomic.swap = swap;
        _native.wr.atomic.rkey = remoteKey;
    }
}
