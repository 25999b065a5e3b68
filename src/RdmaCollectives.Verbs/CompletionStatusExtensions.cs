namespace RdmaCollectives.Verbs;

/// <summary>Completion statuses in words: the cause, and what to look at.</summary>
public static class CompletionStatusExtensions
{
    /// <summary>The cause in a few words, for instance <c>remote access error</c>; a status this version does not know prints as its number.</summary>
    public static string Describe(this CompletionStatus status) => status switch
    {
        CompletionStatus.Success => "success",
        CompletionStatus.LocalLengthError => "local length error",
        CompletionStatus.LocalQueuePairOperationError => "local queue pair operation error",
        CompletionStatus.LocalEndToEndContextOperationError => "local end-to-end context operation error",
        CompletionStatus.LocalProtectionError => "local protection error",
        CompletionStatus.Flushed => "flushed, because the queue pair is in the error state",
        CompletionStatus.MemoryWindowBindError => "memory window bind error",
        CompletionStatus.BadResponse => "bad response from the peer",
        CompletionStatus.LocalAccessError => "local access error",
        CompletionStatus.RemoteInvalidRequest => "invalid request, said the peer",
        CompletionStatus.RemoteAccessError => "remote access error",
        CompletionStatus.RemoteOperationError => "remote operation error",
        CompletionStatus.RetryExceeded => "no acknowledgement after all retries",
        CompletionStatus.ReceiverNotReadyRetryExceeded => "receiver not ready after all retries",
        CompletionStatus.LocalDomainViolation => "local reliable-datagram domain violation",
        CompletionStatus.RemoteInvalidReadRequest => "invalid read request, said the peer",
        CompletionStatus.RemoteAborted => "aborted by the peer",
        CompletionStatus.InvalidEndToEndContextNumber => "invalid end-to-end context number",
        CompletionStatus.InvalidEndToEndContextState => "invalid end-to-end context state",
        CompletionStatus.Fatal => "fatal device error",
        CompletionStatus.ResponseTimeout => "response timeout",
        CompletionStatus.GeneralError => "general error",
        CompletionStatus.TagMatchingError => "tag matching error",
        CompletionStatus.TagMatchingRendezvousIncomplete => "tag matching rendezvous incomplete",
        _ => $"unknown status {(int)status}",
    };

    /// <summary>What to do about it, in one or two sentences; empty for <see cref="CompletionStatus.Success"/>.</summary>
    public static string Remedy(this CompletionStatus status) => status switch
    {
        CompletionStatus.Success => "",
        CompletionStatus.LocalLengthError => "Post receives at least as long as the messages, and keep each request below the port's largest message.",
        CompletionStatus.LocalQueuePairOperationError => "Check the GID index of the queue pair: its address may have been removed from the interface; then check the request's opcode and flags.",
        CompletionStatus.LocalProtectionError => "Check lkey, address and length of the local buffer, and that its region has LocalWrite where the device writes.",
        CompletionStatus.Flushed => "Look at the first failed completion or the asynchronous event of this queue pair: that one holds the cause.",
        CompletionStatus.LocalAccessError => "Check that the target region of the incoming operation is still registered, and with the needed access.",
        CompletionStatus.RemoteInvalidRequest => "Check that the peer's receive is long enough and that its queue pair allows this operation (access flags, max_dest_rd_atomic).",
        CompletionStatus.RemoteAccessError => "Check the rkey, that the range lies inside the peer's registered memory, that it is still registered in the queue pair's protection domain, and its access flags.",
        CompletionStatus.RemoteOperationError => "Look at the peer's completions and kernel log.",
        CompletionStatus.RetryExceeded => "The peer died, its queue pair is in the error state or not yet ready, or packets are lost: check the peer, the link, MTU, GIDs and a firewall on UDP port 4791.",
        CompletionStatus.ReceiverNotReadyRetryExceeded => "Post receives at the peer before sending, or raise its receive queue or rnr_retry.",
        CompletionStatus.Fatal => "The device must be reset: see dmesg.",
        CompletionStatus.ResponseTimeout => "Check that the peer is alive and the path to it.",
        _ => "See the vendor error and the kernel log.",
    };
}
