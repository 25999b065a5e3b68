namespace RdmaCollectives.Transports.Rdma;

/// <summary>
/// How many messages the peer has released, pieced together from two kinds of news: headers, with the low 16 bits of the count, and credit lines, with all of it. A line is seen as soon as it is
/// in memory, a header only when its completion is polled, so older news may come after newer: the count only ever goes up.
/// </summary>
internal struct PeerCredit
{
    public ulong Released { get; private set; }

    /// <summary>The low 16 bits, from a header. There are at most 4,096 messages in flight, so the signed difference is the right one.</summary>
    public void TakeHeader(ushort released)
    {
        var newer = (short)(released - (ushort)Released);
        if (newer > 0)
        {
            Released += (ulong)newer;
        }
    }

    /// <summary>The whole count, from a line.</summary>
    public void TakeLine(ulong released) => Released = Math.Max(Released, released);
}
