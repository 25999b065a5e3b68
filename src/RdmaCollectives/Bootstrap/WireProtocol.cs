namespace RdmaCollectives.Bootstrap;

/// <summary>The numbers of the control plane that every rank and the rendezvous must agree on; docs/adr/0004-bootstrap.md says why.</summary>
internal static class WireProtocol
{
    /// <summary>The version of everything one rank's bytes look like to another (docs/adr/0001-the-wire.md). A rank of another version is refused at join.</summary>
    public const ushort Version = 1;

    /// <summary>The membership epoch that a job starts in.</summary>
    public const int FirstEpoch = 1;

    /// <summary>The largest blob that a rank may gather or send to a peer.</summary>
    public const int MaxBlobBytes = 64 * 1024;

    /// <summary>The length in front of every frame.</summary>
    public const int PrefixBytes = sizeof(int);

    /// <summary>AES-GCM's tag.</summary>
    public const int TagBytes = 16;

    /// <summary>The largest sealed frame, without its prefix: one with the largest blob, in an envelope, and that in another where a flood has to find the way.</summary>
    public const int MaxSealedBytes = (2 * (Mesh.Envelope.HeaderBytes + Frame.HeaderBytes)) + Frame.HeaderBytes + MaxBlobBytes + TagBytes;

    /// <summary>The key that the rendezvous makes for the job, by which its ranks prove themselves to each other.</summary>
    public const int MeshKeyBytes = 32;

    /// <summary>The largest message of the handshake, without its prefix: what a stranger can make us buffer.</summary>
    public const int MaxHandshakeBytes = 512;

    /// <summary>
    /// A connection that has not proved itself by then is closed. Long enough for a rank that compiles its cryptography for the first time on a slow machine (over 5 s were seen in an emulated one); what strangers
    /// can hold meanwhile is bounded by their number.
    /// </summary>
    public static readonly TimeSpan HandshakeDeadline = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a connection that has proved itself may be silent before its first frame. Longer, as it is no stranger any more: the rank compiles its cipher, and closed now it would not come again.
    /// </summary>
    public static readonly TimeSpan ConfirmDeadline = TimeSpan.FromSeconds(60);
}
