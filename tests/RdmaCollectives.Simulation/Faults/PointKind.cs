namespace RdmaCollectives.Simulation.Faults;

/// <summary>Where a simulation may go on with another thread, or put a fault.</summary>
internal enum PointKind
{
    /// <summary>A wait under a lock, such as for a gathering.</summary>
    Await,

    /// <summary>A turn of waiting after a look at the connections that found nothing.</summary>
    Idle,

    /// <summary>A message is sent.</summary>
    Post,

    /// <summary>A look for a message, a slot or a completion.</summary>
    Poll,

    /// <summary>A frame of the control plane is sent.</summary>
    FrameSend,

    /// <summary>A frame of the control plane arrives.</summary>
    FrameReceive,
}
