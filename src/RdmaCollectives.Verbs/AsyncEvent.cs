namespace RdmaCollectives.Verbs;

/// <summary>One asynchronous event: what happened, and to which object.</summary>
/// <param name="Type">What happened.</param>
/// <param name="QueuePairNumber">The queue pair that it happened to, or null.</param>
/// <param name="CompletionQueueId">The <see cref="CompletionQueue.Id"/> of the queue that it happened to, or null.</param>
/// <param name="Port">The port that it happened to, or null.</param>
public readonly record struct AsyncEvent(AsyncEventType Type, uint? QueuePairNumber, uint? CompletionQueueId, int? Port)
{
    /// <summary>The event in words, with its cause where one is known; a type this version does not know prints as its number.</summary>
    public string Describe()
    {
        string what = Type switch
        {
            AsyncEventType.CompletionQueueError => "the completion queue ran over or failed: make it as large as all requests of its queue pairs",
            AsyncEventType.QueuePairFatal => "the queue pair failed and is in the error state",
            AsyncEventType.QueuePairRequestError => "the peer sent an invalid request: too long for the receive, or an operation that is not allowed here",
            AsyncEventType.QueuePairAccessError => "the peer asked for memory that it may not touch: wrong rkey, range or access",
            AsyncEventType.CommunicationEstablished => "the first message arrived before the connection was ready to send",
            AsyncEventType.SendQueueDrained => "the send queue is drained",
            AsyncEventType.PathMigrated => "the connection moved to its alternate path",
            AsyncEventType.PathMigrationError => "the connection could not move to its alternate path",
            AsyncEventType.DeviceFatal => "the device failed: close it, and see dmesg",
            AsyncEventType.PortActive => "the port became active",
            AsyncEventType.PortError => "the port went down: check link and cable",
            AsyncEventType.LocalIdentifierChanged => "the LID changed: connections by the old one are lost",
            AsyncEventType.PartitionKeysChanged => "the partition key table changed",
            AsyncEventType.SubnetManagerChanged => "the subnet manager changed",
            AsyncEventType.SharedReceiveQueueError => "the shared receive queue failed",
            AsyncEventType.SharedReceiveQueueLimitReached => "the shared receive queue fell below its limit",
            AsyncEventType.LastReceiveReached => "the queue pair takes no more from its shared receive queue",
            AsyncEventType.ClientReregister => "the subnet manager asks to register again",
            AsyncEventType.GidsChanged => "the GID table changed: an address of the network interface came or went",
            AsyncEventType.WorkQueueFatal => "the work queue failed",
            _ => $"unknown event {(int)Type}",
        };
        string where = QueuePairNumber is { } number ? $"queue pair {number}: "
            : CompletionQueueId is { } queue ? $"completion queue {queue}: "
            : Port is { } port ? $"port {port}: "
            : "";
        return where + what;
    }

    /// <inheritdoc/>
    public override string ToString() => Describe();
}
