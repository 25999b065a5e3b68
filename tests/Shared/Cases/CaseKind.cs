namespace RdmaCollectives.Testing;

/// <summary>What a case calls. V: blocks of different sizes, by counts and displacements.</summary>
public enum CaseKind
{
    AllReduce,
    Reduce,
    Broadcast,
    AllGather,
    AllGatherV,
    ReduceScatter,
    ReduceScatterV,
    AllToAll,
    AllToAllV,
    Gather,
    GatherV,
    Scatter,
    ScatterV,
    Barrier,

    /// <summary>The root sends to every other rank, which receives from it.</summary>
    Send,

    /// <summary>Every rank sends so many ranks up as the root says, and receives from as many below; 0: with itself.</summary>
    SendReceive,

    /// <summary>Every other rank sends to the root, which takes what comes first.</summary>
    ReceiveAny,
}

/// <summary>The three forms of every call.</summary>
public enum CallForm
{
    Span,
    Memory,
    Pointer,
}
