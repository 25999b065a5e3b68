namespace RdmaCollectives.Schedules.Verification;

/// <summary>
/// A message in a FIFO. It holds a slot, and keeps its source in use, from the send to the step that takes it: the longest window that any transport has
/// (a pulled or zero-copy source is read until the reader's done flag or the completion).
/// </summary>
internal struct Message<TValue>
    where TValue : struct
{
    /// <summary>What it carries; null when nothing of it is followed.</summary>
    public Payload<TValue>? Payload;

    /// <summary>The sender's vector clock at the send; null in a run without clocks.</summary>
    public int[]? Clock;

    /// <summary>The ranks that the sender knew to have begun; null where that is not asked.</summary>
    public ulong[]? Known;

    /// <summary>The first chunk that it was sent from.</summary>
    public int Chunk;

    /// <summary>The number of chunks.</summary>
    public int Count;

    /// <summary>The length of the longest chain of messages that ends with this one.</summary>
    public int Hops;

    /// <summary>The sender's note that its source is being read; -1 when there is none, as nothing is ever stored there.</summary>
    public int Reading;

    /// <summary>False for a value that exists in the slot only, as <see cref="StepKind.ReceiveReduceSend"/> makes it.</summary>
    public bool HasSource;

    /// <summary>Where the sender's copy lies that may not change yet.</summary>
    public StepBuffer Buffer;
}
