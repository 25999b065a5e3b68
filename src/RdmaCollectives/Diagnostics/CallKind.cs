namespace RdmaCollectives.Diagnostics;

/// <summary>What a call is, as ranks tell it to each other. The collectives have the numbers of <see cref="Schedules.CollectiveKind"/>.</summary>
internal enum CallKind : byte
{
    AllReduce = 0,
    Reduce = 1,
    Broadcast = 2,
    AllGather = 3,
    ReduceScatter = 4,
    AllToAll = 5,
    Gather = 6,
    Scatter = 7,
    Barrier = 8,
    Send = 32,
    Receive = 33,
    SendReceive = 34,

    /// <summary>The sends and receives of a group.</summary>
    Transfers = 35,
}
