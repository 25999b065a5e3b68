// The attribute structs of <infiniband/verbs.h>: what the caller fills or reads. Field for field.
using System.Runtime.InteropServices;

namespace RdmaCollectives.Verbs.Interop;

/// <summary>The struct <c>global</c> inside <see cref="ibv_gid"/>; both values are big-endian.</summary>
internal struct ibv_gid_global
{
    public ulong subnet_prefix;
    public ulong interface_id;
}

[StructLayout(LayoutKind.Explicit)]
internal unsafe struct ibv_gid
{
    [FieldOffset(0)] public fixed byte raw[16];
    [FieldOffset(0)] public ibv_gid_global global;
}

internal struct ibv_gid_entry
{
    public ibv_gid gid;
    public uint gid_index;
    public uint port_num;
    public uint gid_type;
    public uint ndev_ifindex;
}

internal unsafe struct ibv_device_attr
{
    public fixed byte fw_ver[64];
    public ulong node_guid;
    public ulong sys_image_guid;
    public ulong max_mr_size;
    public ulong page_size_cap;
    public uint vendor_id;
    public uint vendor_part_id;
    public uint hw_ver;
    public int max_qp;
    public int max_qp_wr;
    public uint device_cap_flags;
    public int max_sge;
    public int max_sge_rd;
    public int max_cq;
    public int max_cqe;
    public int max_mr;
    public int max_pd;
    public int max_qp_rd_atom;
    public int max_ee_rd_atom;
    public int max_res_rd_atom;
    public int max_qp_init_rd_atom;
    public int max_ee_init_rd_atom;
    public ibv_atomic_cap atomic_cap;
    public int max_ee;
    public int max_rdd;
    public int max_mw;
    public int max_raw_ipv6_qp;
    public int max_raw_ethy_qp;
    public int max_mcast_grp;
    public int max_mcast_qp_attach;
    public int max_total_mcast_qp_attach;
    public int max_ah;
    public int max_fmr;
    public int max_map_per_fmr;
    public int max_srq;
    public int max_srq_wr;
    public int max_srq_sge;
    public ushort max_pkeys;
    public byte local_ca_ack_delay;
    public byte phys_port_cnt;
}

internal struct ibv_port_attr
{
    public ibv_port_state state;
    public ibv_mtu max_mtu;
    public ibv_mtu active_mtu;
    public int gid_tbl_len;
    public uint port_cap_flags;
    public uint max_msg_sz;
    public uint bad_pkey_cntr;
    public uint qkey_viol_cntr;
    public ushort pkey_tbl_len;
    public ushort lid;
    public ushort sm_lid;
    public byte lmc;
    public byte max_vl_num;
    public byte sm_sl;
    public byte subnet_timeout;
    public byte init_type_reply;
    public byte active_width;
    public byte active_speed;
    public byte phys_state;
    public byte link_layer;
    public byte flags;
    public ushort port_cap_flags2;
}

internal struct ibv_global_route
{
    public ibv_gid dgid;
    public uint flow_label;
    public byte sgid_index;
    public byte hop_limit;
    public byte traffic_class;
}

internal struct ibv_ah_attr
{
    public ibv_global_route grh;
    public ushort dlid;
    public byte sl;
    public byte src_path_bits;
    public byte static_rate;
    public byte is_global;
    public byte port_num;
}

internal struct ibv_qp_cap
{
    public uint max_send_wr;
    public uint max_recv_wr;
    public uint max_send_sge;
    public uint max_recv_sge;
    public uint max_inline_data;
}

internal unsafe struct ibv_qp_init_attr
{
    public void* qp_context;
    public ibv_cq* send_cq;
    public ibv_cq* recv_cq;
    public void* srq;
    public ibv_qp_cap cap;
    public ibv_qp_type qp_type;
    public int sq_sig_all;
}

internal struct ibv_qp_attr
{
    public ibv_qp_state qp_state;
    public ibv_qp_state cur_qp_state;
    public ibv_mtu path_mtu;
    public ibv_mig_state path_mig_state;
    public uint qkey;
    public uint rq_psn;
    public uint sq_psn;
    public uint dest_qp_num;
    public uint qp_access_flags;
    public ibv_qp_cap cap;
    public ibv_ah_attr ah_attr;
    public ibv_ah_attr alt_ah_attr;
    public ushort pkey_index;
    public ushort alt_pkey_index;
    public byte en_sqd_async_notify;
    public byte sq_draining;
    public byte max_rd_atomic;
    public byte max_dest_rd_atomic;
    public byte min_rnr_timer;
    public byte port_num;
    public byte timeout;
    public byte retry_cnt;
    public byte rnr_retry;
    public byte alt_port_num;
    public byte alt_timeout;
    public uint rate_limit;
}
