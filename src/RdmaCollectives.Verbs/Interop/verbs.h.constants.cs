namespace RdmaCollectives.Verbs.Interop;

/// <summary>Values of <c>&lt;infiniband/verbs.h&gt;</c> that belong to anonymous enumerations, or are used as bits of a number.</summary>
internal static class verbs_constants
{
    internal const int IBV_LINK_LAYER_UNSPECIFIED = 0;
    internal const int IBV_LINK_LAYER_INFINIBAND = 1;
    internal const int IBV_LINK_LAYER_ETHERNET = 2;
    internal const uint IBV_DEVICE_MEM_WINDOW_TYPE_2A = 1 << 23;
    internal const uint IBV_DEVICE_MEM_WINDOW_TYPE_2B = 1 << 24;
    internal const int IBV_SYSFS_NAME_MAX = 64;
    internal const int IBV_SYSFS_PATH_MAX = 256;
}
