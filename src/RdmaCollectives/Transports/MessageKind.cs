namespace RdmaCollectives.Transports;

/// <summary>What a message carries. The numbers are the wire's.</summary>
internal enum MessageKind : byte
{
    /// <summary>A chunk of a collective.</summary>
    Data = 0,

    /// <summary>The sender's own call: its answer to a message that disagreed.</summary>
    Call = 1,

    /// <summary>A part of a point-to-point transfer; its sequence is that of the ordered pair of ranks.</summary>
    PointToPoint = 2,
}
