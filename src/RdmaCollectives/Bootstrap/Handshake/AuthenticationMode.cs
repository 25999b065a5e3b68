namespace RdmaCollectives.Bootstrap.Handshake;

/// <summary>By what the two ends of a control connection trust each other.</summary>
internal enum AuthenticationMode : byte
{
    /// <summary>Both know the job's secret.</summary>
    Secret = 1,

    /// <summary>Both run as the same user of one host, on a unix socket.</summary>
    PeerCredentials = 2,

    /// <summary>Not at all (<c>RDMACC_INSECURE</c>): frames are sealed, but nobody knows with whom.</summary>
    Insecure = 3,

    /// <summary>Neither a secret nor <see cref="Insecure"/>: good on the unix socket only. Offered or demanded over TCP it is always refused.</summary>
    SameHostOnly = 4,
}
