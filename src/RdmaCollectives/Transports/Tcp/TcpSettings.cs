namespace RdmaCollectives.Transports.Tcp;

/// <summary>What tests change and users don't.</summary>
internal sealed record TcpSettings
{
    /// <summary>SO_SNDBUF and SO_RCVBUF as set (the kernel doubles the number for its own overhead); null leaves both to the kernel, which grows them with the connection.</summary>
    public int? SocketBufferBytes { get; init; }

    /// <summary>How long one address of a peer may take to answer a connect before the next is tried.</summary>
    public TimeSpan CandidateTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an accepted socket may take to say its token before it is dropped.</summary>
    public TimeSpan GreetingTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Sealed records of one direction before the next key.</summary>
    public long RecordsPerKey { get; init; } = RecordCipher.RecordsPerKey;

    /// <summary>This host's addresses; null reads the system's.</summary>
    public IReadOnlyList<LocalAddress>? Addresses { get; init; }
}
