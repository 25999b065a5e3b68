namespace RdmaCollectives.Simulation.Faults;

/// <summary>What the program of a rank is doing: the classes of code that faults are put into.</summary>
internal enum Activity
{
    /// <summary>The communicator is being made.</summary>
    Create,

    /// <summary>A synchronous collective.</summary>
    Collective,

    /// <summary>Sends and receives.</summary>
    Transfer,

    /// <summary>A group of calls.</summary>
    Group,

    /// <summary>Queued calls, on the progress thread.</summary>
    Queued,

    /// <summary>A split.</summary>
    Split,

    /// <summary>A shrink, after a fault that was put before.</summary>
    Shrink,

    /// <summary>A communicator takes newcomers in; theirs is this, too, from their arrival until they are members.</summary>
    Grow,

    /// <summary>The end of a communicator.</summary>
    Dispose,
}
