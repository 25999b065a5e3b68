namespace RdmaCollectives.Bootstrap.Handshake;

/// <summary>The two AES-256-GCM keys of one socket. A class without a printable form: keys are never logged.</summary>
internal sealed class SessionKeys(byte[] clientToServer, byte[] serverToClient)
{
    public byte[] ClientToServer { get; } = clientToServer;

    public byte[] ServerToClient { get; } = serverToClient;
}
