namespace RdmaCollectives.Testing;

/// <summary>What is done to a group in the middle of its calls.</summary>
public enum ChaosEvent
{
    /// <summary>A rank gets SIGKILL.</summary>
    Kill,

    /// <summary>A rank is stopped for a while and goes on, which is no fault; later one is killed.</summary>
    PauseThenKill,

    /// <summary>A rank calls Abort from another thread.</summary>
    Abort,

    /// <summary>A rank cancels the token of its call.</summary>
    Cancel,
}
