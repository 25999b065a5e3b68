using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>What may be done to a memory region, or through a queue pair. Local reads are always allowed.</summary>
[Flags]
public enum MemoryAccess
{
    /// <summary>Local reads only.</summary>
    None = 0,

    /// <summary>The device may write it for local requests: receives, and results of reads and atomics.</summary>
    LocalWrite = ibv_access_flags.IBV_ACCESS_LOCAL_WRITE,

    /// <summary>Peers may write it.</summary>
    RemoteWrite = ibv_access_flags.IBV_ACCESS_REMOTE_WRITE,

    /// <summary>Peers may read it.</summary>
    RemoteRead = ibv_access_flags.IBV_ACCESS_REMOTE_READ,

    /// <summary>Peers may do atomics on it.</summary>
    RemoteAtomic = ibv_access_flags.IBV_ACCESS_REMOTE_ATOMIC,

    /// <summary>Memory windows may be bound to it. Peers reach the region through its windows; its own key needs no remote access for that.</summary>
    BindWindows = ibv_access_flags.IBV_ACCESS_MW_BIND,

    /// <summary>
    /// Writes of one message may reach memory in any order (PCIe relaxed ordering); a completion still means that all is there. A hint: devices without it ignore it.
    /// </summary>
    RelaxedOrdering = ibv_access_flags.IBV_ACCESS_RELAXED_ORDERING,
}
