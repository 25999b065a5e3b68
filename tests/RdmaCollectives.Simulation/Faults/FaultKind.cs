namespace RdmaCollectives.Simulation.Faults;

/// <summary>What a simulation does to a rank.</summary>
internal enum FaultKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its process ends without a word.</summary>
    Death,

    /// <summary>A request of its transport completes with an error.</summary>
    FailedCompletion,

    /// <summary>Its link to the control plane is lost, with what was on the way.</summary>
    LostLink,

    /// <summary>Its process stands still for a while, shorter than any deadline.</summary>
    Pause,

    /// <summary>What it sends and gets takes a thousand times as long.</summary>
    SlowLink,

    /// <summary>The token of a queued call is cancelled.</summary>
    Cancel,

    /// <summary>Another thread of it aborts the communicator.</summary>
    Abort,

    /// <summary>Its process stands still for longer than the deadline.</summary>
    Deadline,
}
