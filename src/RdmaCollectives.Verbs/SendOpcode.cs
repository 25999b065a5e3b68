using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>What a send request does.</summary>
public enum SendOpcode
{
    /// <summary>Writes the peer's memory; the peer notices nothing.</summary>
    Write = ibv_wr_opcode.IBV_WR_RDMA_WRITE,

    /// <summary>Writes the peer's memory and completes one of its receives with 32 bits.</summary>
    WriteWithImmediate = ibv_wr_opcode.IBV_WR_RDMA_WRITE_WITH_IMM,

    /// <summary>Sends a message into one of the peer's receives.</summary>
    Send = ibv_wr_opcode.IBV_WR_SEND,

    /// <summary>Sends a message into one of the peer's receives, with 32 bits beside it.</summary>
    SendWithImmediate = ibv_wr_opcode.IBV_WR_SEND_WITH_IMM,

    /// <summary>Reads the peer's memory.</summary>
    Read = ibv_wr_opcode.IBV_WR_RDMA_READ,

    /// <summary>Compares 8 bytes of the peer's memory and exchanges them when equal; the old value comes back.</summary>
    CompareAndSwap = ibv_wr_opcode.IBV_WR_ATOMIC_CMP_AND_SWP,

    /// <summary>Adds to 8 bytes of the peer's memory; the old value comes back.</summary>
    FetchAndAdd = ibv_wr_opcode.IBV_WR_ATOMIC_FETCH_AND_ADD,

    /// <summary>Takes a bound memory window's key out of use (<see cref="SendRequest.SetInvalidate"/>).</summary>
    LocalInvalidate = ibv_wr_opcode.IBV_WR_LOCAL_INV,

    /// <summary>Opens a range of a memory region through a memory window (<see cref="SendRequest.SetBind"/>).</summary>
    BindMemoryWindow = ibv_wr_opcode.IBV_WR_BIND_MW,
}
