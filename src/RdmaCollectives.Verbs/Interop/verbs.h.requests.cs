// Work requests and completions of <infiniband/verbs.h>: the structs of the data path.
using System.Runtime.InteropServices;

namespace RdmaCollectives.Verbs.Interop;

internal struct ibv_sge
{
    public ulong addr;
    public uint length;
    public uint lkey;
}

/// <summary>The member <c>wr.rdma</c>.</summary>
internal struct ibv_send_wr_rdma
{
    public ulong remote_addr;
    public uint rkey;
}

/// <summary>The member <c>wr.atomic</c>.</summary>
internal struct ibv_send_wr_atomic
{
    public ulong remote_addr;
    public ulong compare_add;
    public ulong swap;
    public uint rkey;
}

/// <summary>The member <c>wr.ud</c>.</summary>
internal unsafe struct ibv_send_wr_ud
{
    public void* ah;
    public uint remote_qpn;
    public uint remote_qkey;
}

/// <summary>The union <c>wr</c>.</summary>
[StructLayout(LayoutKind.Explicit)]
internal struct ibv_send_wr_wr
{
    [FieldOffset(0)] public ibv_send_wr_rdma rdma;
    [FieldOffset(0)] public ibv_send_wr_atomic atomic;
    [FieldOffset(0)] public ibv_send_wr_ud ud;
}

/// <summary>The union <c>qp_type</c>; its only member is for XRC.</summary>
internal struct ibv_send_wr_qp_type
{
    public uint remote_srqn;
}

internal unsafe struct ibv_mw_bind_info
{
    public ibv_mr* mr;
    public ulong addr;
    public ulong length;
    public uint mw_access_flags;
}

/// <summary>The largest member, <c>bind_mw</c>, of the anonymous union at the end; it gives the struct its size.</summary>
internal unsafe struct ibv_send_wr_bind_mw
{
    public ibv_mw* mw;
    public uint rkey;
    public ibv_mw_bind_info bind_info;
}

internal unsafe struct ibv_send_wr
{
    public ulong wr_id;
    public ibv_send_wr* next;
    public ibv_sge* sg_list;
    public int num_sge;
    public ibv_wr_opcode opcode;
    public uint send_flags;
    public uint imm_data;
    public ibv_send_wr_wr wr;
    public ibv_send_wr_qp_type qp_type;
    public ibv_send_wr_bind_mw bind_mw;
}

internal unsafe struct ibv_recv_wr
{
    public ulong wr_id;
    public ibv_recv_wr* next;
    public ibv_sge* sg_list;
    public int num_sge;
}

internal struct ibv_wc
{
    public ulong wr_id;
    public ibv_wc_status status;
    public ibv_wc_opcode opcode;
    public uint vendor_err;
    public uint byte_len;
    public uint imm_data;
    public uint qp_num;
    public uint src_qp;
    public uint wc_flags;
    public ushort pkey_index;
    public ushort slid;
    public byte sl;
    public byte dlid_path_bits;
}
