namespace RdmaCollectives.Diagnostics;

/// <summary>A call in which nothing has moved for a while: what it waits for, and what has gone over the connections of its rank. Immutable; thrown away as soon as something moves.</summary>
/// <param name="Number">Grows with every blockage of the rank: two looks that find the same number find a rank that did not move in between.</param>
/// <param name="Awaited">What it waits for.</param>
/// <param name="Counts">By connection; those over which nothing has gone are left out.</param>
internal sealed record Blockage(ulong Number, AwaitedMessage[] Awaited, MessageCount[] Counts)
{
    public MessageCount CountOf(int peer, int channel)
    {
        foreach (MessageCount count in Counts)
        {
            if (count.Peer == peer && count.Channel == channel)
            {
                return count;
            }
        }

        return new MessageCount(peer, channel, 0, 0);
    }
}
