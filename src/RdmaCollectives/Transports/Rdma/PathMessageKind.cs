namespace RdmaCollectives.Transports.Rdma;

/// <summary>What the two ends of a connection say to each other while it moves from one rail to another.</summary>
internal enum PathMessageKind : byte
{
    /// <summary>This end takes and sends nothing more over the path: its queue pair is in error and empty. With what it has received and given back, and the rails that it could use instead.</summary>
    Stopped = 1,

    /// <summary>This end has a queue pair for the path: here is how to reach it.</summary>
    Opened = 2,

    /// <summary>This end's queue pair is connected: the path may be used.</summary>
    Ready = 3,

    /// <summary>The rails whose ports are up, of the rank and not of one connection.</summary>
    Rails = 4,

    /// <summary>This end would go home: the rail is up and no suspect, and the way over it is found.</summary>
    Home = 5,
}
