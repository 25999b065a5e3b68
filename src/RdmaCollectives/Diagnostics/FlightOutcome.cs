namespace RdmaCollectives.Diagnostics;

/// <summary>How a recorded call ended.</summary>
internal enum FlightOutcome : byte
{
    /// <summary>It has not.</summary>
    Running = 0,

    Completed = 1,

    /// <summary>It threw; the fault of the communicator says why.</summary>
    Failed = 2,
}
