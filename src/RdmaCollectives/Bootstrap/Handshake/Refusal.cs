namespace RdmaCollectives.Bootstrap.Handshake;

/// <summary>Why a rendezvous broke the handshake off. Sent in the clear, so it is a number and never a text.</summary>
internal enum Refusal : byte
{
    None = 0,

    /// <summary>The wire versions differ.</summary>
    Version = 1,

    /// <summary>The rendezvous demands another <see cref="AuthenticationMode"/>.</summary>
    Authentication = 2,

    /// <summary>The proof does not hold: another secret, or bytes that were altered on the way.</summary>
    Proof = 3,

    /// <summary>The rendezvous takes ranks over TLS only.</summary>
    Tls = 4,
}
