namespace RdmaCollectives;

/// <summary>What kind of failure a <see cref="CollectiveException"/> tells of.</summary>
public enum Error
{
    /// <summary>A peer's process or host is gone.</summary>
    PeerDied = 1,

    /// <summary>A peer left the communicator (disposed it) while this rank still needed it.</summary>
    PeerLeft = 2,

    /// <summary>The deadline of an operation passed.</summary>
    Timeout = 3,

    /// <summary>A queued or running operation was cancelled by its token, on this rank or another.</summary>
    Canceled = 4,

    /// <summary><c>Abort</c> was called, on this rank or another.</summary>
    Aborted = 5,

    /// <summary>A connection failed: the native code tells more.</summary>
    Transport = 6,

    /// <summary>Ranks made calls that do not go together.</summary>
    Mismatch = 7,

    /// <summary>A user's reducer threw.</summary>
    Reducer = 8,

    /// <summary>The control plane is lost: the rendezvous' process or host is gone.</summary>
    ControlPlane = 9,

    /// <summary>A peer sent something that this version does not understand.</summary>
    Protocol = 10,

    /// <summary>Ranks could not find each other, or one was refused.</summary>
    Rendezvous = 11,

    /// <summary>The system refused a resource: memory, locked memory, descriptors, a device, an interface.</summary>
    Resource = 12,

    /// <summary>The other ranks went on without this one, which they could not reach or which did not call <c>Shrink</c> in time.</summary>
    Excluded = 13,

    /// <summary>Too few ranks are left, or can be reached, to go on: the others might do the same, and there must never be two groups.</summary>
    NoQuorum = 14,
}
