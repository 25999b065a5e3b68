namespace RdmaCollectives.Transports;

/// <summary>What the transports of ranks in one process share, and where each gets its own: the loopback's, or that of a simulation.</summary>
internal interface ILocalFabric
{
    /// <summary>The transport of the rank that the context names.</summary>
    Transport Start(TransportContext context);

    /// <summary>The fabric of a group of these ranks that is split off: the same one for all of them, each of which asks once.</summary>
    /// <param name="scope">The number of the new communicator.</param>
    /// <param name="ranks">The number of ranks in it.</param>
    ILocalFabric Part(ulong scope, int ranks);
}
