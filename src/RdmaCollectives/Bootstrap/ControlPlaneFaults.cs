using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>The faults that the control plane itself finds.</summary>
internal static class ControlPlaneFaults
{
    public static Fault PeerLeft(int reporter, int peer) => new()
    {
        Error = Error.PeerLeft,
        Reporter = reporter,
        Peer = peer,
        Message = $"Rank {peer} left the communicator while rank {reporter} still waited for it. All ranks must make the same calls before they dispose it.",
    };

    public static Fault SplitTimeout(int reporter, string late) => new()
    {
        Error = Error.Timeout,
        Reporter = reporter,
        Peer = -1,
        Message = $"Rank {reporter} called Split, and not all others did. {late} A longer time is set by RDMACC_JOIN_TIMEOUT.",
    };

    /// <summary>What a communicator that is being made gets from the one that it is split from.</summary>
    public static Fault ParentFailed(int reporter, int peer, Fault parents) => new()
    {
        Error = parents.Error,
        Reporter = reporter,
        Peer = peer,
        NativeError = parents.NativeError,
        Message = $"The communicator that is being split is at fault: {parents.Message}",
    };

    public static Fault ControlThreadFailed(int reporter, string how) => new()
    {
        Error = Error.ControlPlane,
        Reporter = reporter,
        Peer = -1,
        Message = $"The control thread of rank {reporter} failed: {how.TrimEnd('.')}. Start the job again, and report this.",
    };
}
