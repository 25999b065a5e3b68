namespace RdmaCollectives.Schedules;

/// <summary>
/// What one step of a schedule does. Eight kinds, and resist a ninth: each is one trip of a chunk through a rank.
/// "Own" is this rank's chunk in <see cref="Step.Source"/>; "out" is the chunk in <see cref="Step.Destination"/>.
/// <c>(+)</c> is associative and need not be commutative: where the text says <c>received (+) own</c> or <c>out (+) own</c>,
/// <see cref="Step.IsOwnLeft"/> changes the sides of the two operands.
/// </summary>
public enum StepKind : byte
{
    /// <summary>Send own chunk to <see cref="Step.SendPeer"/>.</summary>
    Send = 0,

    /// <summary>Receive a chunk from <see cref="Step.ReceivePeer"/> into out.</summary>
    Receive = 1,

    /// <summary>Receive, combine as <c>received (+) own</c>, store in out.</summary>
    ReceiveReduce = 2,

    /// <summary>Receive, combine as <c>received (+) own</c>, send the result; nothing is stored.</summary>
    ReceiveReduceSend = 3,

    /// <summary>Receive, combine as <c>received (+) own</c>, store in out and send the result.</summary>
    ReceiveReduceCopySend = 4,

    /// <summary>Receive, store in out and send on unchanged.</summary>
    ReceiveCopySend = 5,

    /// <summary>Local: copy own chunk to out. No message.</summary>
    Copy = 6,

    /// <summary>Local: combine <c>out (+) own</c> into out. No message.</summary>
    Reduce = 7,
}
