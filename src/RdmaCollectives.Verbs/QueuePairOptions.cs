namespace RdmaCollectives.Verbs;

/// <summary>What a new reliable-connected queue pair is made of.</summary>
public sealed class QueuePairOptions
{
    /// <summary>Where sends complete.</summary>
    public required CompletionQueue SendQueue { get; init; }

    /// <summary>Where receives complete; may be the same queue.</summary>
    public required CompletionQueue ReceiveQueue { get; init; }

    /// <summary>Most send requests under way.</summary>
    public int MaxSendRequests { get; init; } = 128;

    /// <summary>Most receives posted.</summary>
    public int MaxReceiveRequests { get; init; } = 128;

    /// <summary>Most pieces of memory per send request.</summary>
    public int MaxSendElements { get; init; } = 1;

    /// <summary>Most pieces of memory per receive.</summary>
    public int MaxReceiveElements { get; init; } = 1;

    /// <summary>Bytes that can be sent inline; the device may grant more.</summary>
    public int MaxInlineByteCount { get; init; }

    /// <summary>Whether every send request gives a completion, flagged or not.</summary>
    public bool SignalsAll { get; init; }
}
