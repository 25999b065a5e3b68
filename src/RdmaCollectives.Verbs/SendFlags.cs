using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>How a send request is treated.</summary>
[Flags]
public enum SendFlags
{
    /// <summary>Nothing special: no completion unless it fails or the queue pair signals all.</summary>
    None = 0,

    /// <summary>Waits for earlier reads and atomics of this queue pair.</summary>
    Fence = ibv_send_flags.IBV_SEND_FENCE,

    /// <summary>Gives a completion. Requests before it on the same queue pair are then done too.</summary>
    Signaled = ibv_send_flags.IBV_SEND_SIGNALED,

    /// <summary>The peer's completion wakes those who asked for solicited ones only.</summary>
    Solicited = ibv_send_flags.IBV_SEND_SOLICITED,

    /// <summary>The data is copied while posting: the buffer may be reused at once and needs no lkey. At most <see cref="QueuePair.MaxInlineByteCount"/> bytes.</summary>
    Inline = ibv_send_flags.IBV_SEND_INLINE,
}
