namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>Where the payload of a message lies.</summary>
internal enum PayloadPlace : uint
{
    /// <summary>In the line itself.</summary>
    Line = 1,

    /// <summary>In the slot of the same number.</summary>
    Slot = 2,

    /// <summary>In a registered buffer of the sender, which the receiver maps.</summary>
    Registration = 3,

    /// <summary>In the receiver's own output: the sender has stored it there.</summary>
    Output = 4,
}
