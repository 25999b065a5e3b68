namespace RdmaCollectives.Verbs;

/// <summary>How packets to and from a GID travel.</summary>
public enum GidType
{
    /// <summary>The kernel's name for it is not known to this version.</summary>
    Unknown,

    /// <summary>InfiniBand.</summary>
    InfiniBand,

    /// <summary>RoCE v1: an Ethernet type of its own, inside one broadcast domain.</summary>
    RoceV1,

    /// <summary>RoCE v2: UDP over IP, routable.</summary>
    RoceV2,
}
