namespace RdmaCollectives.Bootstrap.Mesh;

/// <summary>Which processes of its host a rank watches.</summary>
/// <remarks>
/// Those only that it is connected to: who leaves says goodbye first and ends then, and where the goodbye comes by way of others the end of the process would be seen before it.
/// </remarks>
internal static class HostWatch
{
    /// <summary>On a host with more ranks each watches the next ones only, and tells the others.</summary>
    private const int MostOnAHost = 64;
    private const int WatchedOfMany = 8;

    public static IReadOnlyList<Peer> Choose(MemberIdentity own, IEnumerable<Peer> peers)
    {
        Peer[] here = [.. peers.Where(peer => own.Origin.SharesProcessNumbersWith(peer.Identity.Origin)).OrderBy(peer => peer.Rank < own.Rank).ThenBy(peer => peer.Rank)];
        return here.Length < MostOnAHost ? here : here[..WatchedOfMany];
    }
}
