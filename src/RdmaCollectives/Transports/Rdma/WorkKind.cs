namespace RdmaCollectives.Transports.Rdma;

/// <summary>The kinds of work request.</summary>
internal enum WorkKind
{
    /// <summary>An empty receive, taken by the immediate of a message.</summary>
    Receive = 0,

    /// <summary>A message: header and payload.</summary>
    Message = 1,

    /// <summary>A line in the peer's memory: of the credit, or of the output.</summary>
    Line = 2,

    /// <summary>The binding of the window.</summary>
    Window = 3,
}
