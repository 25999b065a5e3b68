namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// A message in a FIFO. It holds a slot, and keeps its source in use, from the send to the step that takes it: the longest window that any transport has
/// (a pulled or zero-copy source is read until the reader's done flag or the completion).
/// </summary>
internal struct Message<TValue>
    where TValue : struct
{
    public TValue Value;

    /// <summary>The chunk that it was sent as. The receiver must take it as the same one: chunks may differ in size.</summary>
    public int Chunk;

    /// <summary>Where the sender's copy lies that may not change yet.</summary>
    public StepBuffer Buffer;

    /// <summary>False for a value that exists in the slot only, as <see cref="StepKind.ReceiveReduceSend"/> makes it.</summary>
    public bool HasSource;

    /// <summary>The length of the longest chain of messages that ends with this one.</summary>
    public int Hops;

    /// <summary>The sender's vector clock at the send; null in a run without clocks.</summary>
    public int[]? Clock;
}
