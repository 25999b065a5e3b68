namespace RdmaCollectives.Verbs;

/// <summary>One asynchronous event: what happened, and to which object.</summary>
/// <param name="Type">What happened.</param>
/// <param name="QueuePairNumber">The queue pair that it happened to, or null.</param>
/// <param name="CompletionQueueId">The <see cref="CompletionQueue.Id"/> of the queue that it happened to, or null.</param>
/// <param name="Port">The port that it happened to, or null.</param>
public readonly record struct AsyncEvent(AsyncEventType Type, uint? QueuePairNumber, uint? CompletionQueueId, int? Port)
{
    /// <summary>The event in words, and the object that it happened to; a type this version does not know prints as its number. Causes and remedy: <see cref="Explanations"/>.</summary>
    public string Describe()
    {
        string where = QueuePairNumber is { } number ? $"queue pair {number}: "
            : CompletionQueueId is { } queue ? $"completion queue {queue}: "
            : Port is { } port ? $"port {port}: "
            : "";
        return where + Type.Explain().Meaning;
    }

    /// <inheritdoc/>
    public override string ToString() => Describe();
}
