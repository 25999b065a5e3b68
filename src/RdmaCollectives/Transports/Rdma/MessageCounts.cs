namespace RdmaCollectives.Transports.Rdma;

/// <summary>How far one end of a connection is.</summary>
/// <param name="Sent">Messages that it has sent, or has handed over to be sent.</param>
/// <param name="Arrived">Messages of the other end that have arrived whole.</param>
/// <param name="Released">How many of these it has given back.</param>
internal readonly record struct MessageCounts(ulong Sent, ulong Arrived, ulong Released)
{
    /// <summary>
    /// Whether the other end, which had stopped, can have been so far. How many messages it has given back since is news that may be here already: it goes on as soon as this end is ready, which may be before this
    /// end hears that it is.
    /// </summary>
    /// <param name="sent">Messages that this end has sent.</param>
    /// <param name="acknowledged">Those whose arrival it knows of.</param>
    public bool IsPossible(ulong sent, ulong acknowledged) => Arrived >= acknowledged && Arrived <= sent && Released <= Arrived;
}
