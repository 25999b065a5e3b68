using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>What a completion is of. A newer driver may send values that are not listed here; they print as numbers.</summary>
public enum CompletionOpcode
{
    /// <summary>A send.</summary>
    Send = ibv_wc_opcode.IBV_WC_SEND,

    /// <summary>An RDMA write.</summary>
    Write = ibv_wc_opcode.IBV_WC_RDMA_WRITE,

    /// <summary>An RDMA read.</summary>
    Read = ibv_wc_opcode.IBV_WC_RDMA_READ,

    /// <summary>A compare and swap.</summary>
    CompareAndSwap = ibv_wc_opcode.IBV_WC_COMP_SWAP,

    /// <summary>A fetch and add.</summary>
    FetchAndAdd = ibv_wc_opcode.IBV_WC_FETCH_ADD,

    /// <summary>A memory window was bound.</summary>
    BindMemoryWindow = ibv_wc_opcode.IBV_WC_BIND_MW,

    /// <summary>A key was invalidated.</summary>
    LocalInvalidate = ibv_wc_opcode.IBV_WC_LOCAL_INV,

    /// <summary>A segmented send.</summary>
    SegmentationOffload = ibv_wc_opcode.IBV_WC_TSO,

    /// <summary>A message arrived in a posted receive.</summary>
    Receive = ibv_wc_opcode.IBV_WC_RECV,

    /// <summary>A peer's RDMA write with immediate arrived; it took a posted receive, whose buffer was not used.</summary>
    ReceiveWriteWithImmediate = ibv_wc_opcode.IBV_WC_RECV_RDMA_WITH_IMM,
}
