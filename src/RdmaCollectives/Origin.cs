using RdmaCollectives.Bootstrap;
using RdmaCollectives.Transports;

namespace RdmaCollectives;

/// <summary>What a communicator hands down to those that are made from it.</summary>
/// <param name="Options">Its options, with its own rank and size.</param>
/// <param name="Root">The fabric of ranks in one process, of the whole group; null between processes.</param>
/// <param name="BusyRanks">How many ranks of this host compete for the processors that this one may use, members or not.</param>
internal sealed record Origin(ResolvedOptions Options, ILocalFabric? Root, int BusyRanks)
{
    /// <summary>For a communicator of other members. The launcher's local rank is that of the whole job and not passed on.</summary>
    public Origin For(IControlPlane plane) => this with { Options = Options with { Rank = plane.Rank, WorldSize = plane.WorldSize, LocalRank = null } };
}
