namespace RdmaCollectives.Execution;

/// <summary>What one pass of the executor came to.</summary>
internal enum Advance
{
    /// <summary>Nothing could move: wait.</summary>
    Idle,

    /// <summary>Something moved: go on.</summary>
    Moved,

    /// <summary>The call is complete by the return rule.</summary>
    Done,

    /// <summary>A message was not the expected one; <see cref="Executor.Mismatch"/> tells which.</summary>
    Mismatch,

    /// <summary>A user's reducer threw; <see cref="Executor.ReducerError"/> holds what.</summary>
    ReducerThrew,

    /// <summary>A transport failed; its <see cref="Transports.Transport.Failure"/> tells how.</summary>
    TransportFailed,
}
