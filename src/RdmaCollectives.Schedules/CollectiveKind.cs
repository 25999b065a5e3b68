namespace RdmaCollectives.Schedules;

/// <summary>
/// What a schedule computes; the verifier's postcondition. <c>in(r)</c> and <c>out(r)</c> are the buffers of rank r, <c>n</c> the number of ranks. Where buffers have blocks,
/// there is one per rank: a schedule's chunks are divided evenly among them, <c>ChunkCount / n</c> each, block 0 first. The numbers are the wire's.
/// </summary>
public enum CollectiveKind : byte
{
    /// <summary>Every rank ends with the reduction of all inputs: <c>out(r) = in(0) (+) ... (+) in(n-1)</c>.</summary>
    AllReduce = 0,

    /// <summary>The root ends with the reduction of all inputs; the other ranks have no output.</summary>
    Reduce = 1,

    /// <summary>Every rank ends with the root's input; the other ranks have no input.</summary>
    Broadcast = 2,

    /// <summary>Every rank ends with everybody's block: block b of <c>out(r)</c> is the one block of <c>in(b)</c>, which is block b of its input.</summary>
    AllGather = 3,

    /// <summary>Every rank ends with the reduction of its block: block r of <c>out(r)</c>, the only one it has, is the reduction of block r of all inputs.</summary>
    ReduceScatter = 4,

    /// <summary>Every rank has a block for every rank: block s of <c>out(d)</c> is block d of <c>in(s)</c>. Never in place.</summary>
    AllToAll = 5,

    /// <summary>The root ends with everybody's block: block b of <c>out(root)</c> is block b of <c>in(b)</c>, the only one that rank b has.</summary>
    Gather = 6,

    /// <summary>Every rank ends with its block of the root's input: block r of <c>out(r)</c>, the only one it has, is block r of <c>in(root)</c>.</summary>
    Scatter = 7,

    /// <summary>No rank ends before every rank has begun. No chunk holds anything.</summary>
    Barrier = 8,
}
