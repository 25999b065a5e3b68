namespace RdmaCollectives.Transports.Rdma;

/// <summary>How far one end of a connection is.</summary>
/// <param name="Sent">Messages that it has sent, or has handed over to be sent.</param>
/// <param name="Arrived">Messages of the other end that have arrived whole.</param>
/// <param name="Released">How many of these it has given back.</param>
internal readonly record struct MessageCounts(ulong Sent, ulong Arrived, ulong Released);
