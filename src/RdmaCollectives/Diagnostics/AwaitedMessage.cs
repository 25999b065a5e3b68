namespace RdmaCollectives.Diagnostics;

/// <summary>One thing that a call which cannot move waits for. Those with one <see cref="Lane"/> are alternatives, of which one will do; of the lanes all have to go on.</summary>
/// <param name="Lane">The channel of a collective; of transfers, the place of the lane in their set.</param>
/// <param name="Kind">What has to come.</param>
/// <param name="Peer">From whom.</param>
/// <param name="Channel">Over which connection.</param>
/// <param name="Count">Messages that this rank has received over it (<see cref="AwaitKind.Receive"/>), or has sent (the others).</param>
/// <param name="Window">Messages that fit between the two ends.</param>
internal readonly record struct AwaitedMessage(int Lane, AwaitKind Kind, int Peer, int Channel, uint Count, int Window);

/// <summary>What is waited for.</summary>
internal enum AwaitKind : byte
{
    /// <summary>A message.</summary>
    Receive = 0,

    /// <summary>Room for a message: that the peer takes one.</summary>
    Credit = 1,

    /// <summary>That the peer has taken what was sent from memory of the call, which is over but for that.</summary>
    Drain = 2,

    /// <summary>A message behind one that is there, and that the call has no use for: the peer has to be in another call first.</summary>
    Behind = 3,
}
