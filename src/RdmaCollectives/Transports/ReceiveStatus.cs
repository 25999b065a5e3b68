namespace RdmaCollectives.Transports;

/// <summary>What <see cref="Connection.TryReceiveInto"/> found.</summary>
internal enum ReceiveStatus
{
    /// <summary>Not (all) here yet; call again with the same arguments.</summary>
    NotYet,

    /// <summary>The message is in its destination and its slot is given back.</summary>
    Done,

    /// <summary>The next message is not the expected one; nothing was written or consumed. <see cref="Connection.TryReceive"/> shows it.</summary>
    Mismatch,
}
