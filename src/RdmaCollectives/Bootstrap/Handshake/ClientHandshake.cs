using System.Security.Cryptography;

namespace RdmaCollectives.Bootstrap.Handshake;

/// <summary>A joining rank's end of the handshake: <see cref="Hello"/>, <see cref="Finish"/>, <see cref="Complete"/>, each once and in this order.</summary>
internal sealed class ClientHandshake(string rendezvous, JoinIdentity identity, AuthenticationMode mode, byte[] secret, ushort version = WireProtocol.Version) : IDisposable
{
    /// <summary>The one command for jobs of several hosts without a launcher of ours.</summary>
    private const string NoSecretAdvice =
        "the job has no secret, and without one only processes of the same user on the same host may join. Make one and give every rank the same file: "
        + "(umask 077; head -c 32 /dev/urandom | base64 > rdmacc.secret) and RDMACC_SECRET_FILE=rdmacc.secret; or, on a network where you trust everyone, RDMACC_INSECURE=1.";

    private readonly KeyExchange _exchange = new();
    private byte[] _hello = [];
    private byte[] _transcript = [];
    private SessionKeys? _keys;

    public byte[] Hello() => _hello = HandshakeLayout.Hello(version, (byte)mode, _exchange.Nonce, _exchange.PublicKey());

    /// <summary>Takes the server's hello and returns the client's finish.</summary>
    /// <exception cref="RendezvousException">The rendezvous refused; the message says why and what to do.</exception>
    /// <exception cref="CollectiveException">This is not a rendezvous.</exception>
    public byte[] Finish(ReadOnlySpan<byte> serverHello)
    {
        if (!HandshakeLayout.IsHello(serverHello) || serverHello.Length < HandshakeLayout.ServerRefusalBytes)
        {
            throw new CollectiveException(Error.Protocol, $"What listens at {rendezvous} is not a rendezvous of RdmaCollectives.");
        }

        ushort theirs = HandshakeLayout.VersionOf(serverHello);
        if (theirs != version || serverHello[10] == (byte)Refusal.Version)
        {
            throw Refused($"it speaks wire version {theirs}, this rank {version}. Use the same version of RdmaCollectives on every rank and in the launcher.");
        }

        if (serverHello[10] == (byte)Refusal.Tls)
        {
            throw Refused("it takes ranks over TLS only. Set RDMACC_TLS_CERTIFICATE, RDMACC_TLS_KEY and RDMACC_TLS_CA for every rank, or for none and neither for the launcher.");
        }

        if (serverHello[10] != (byte)Refusal.None || serverHello[11] != (byte)mode || mode == AuthenticationMode.SameHostOnly)
        {
            throw Refused(AuthenticationAdvice((AuthenticationMode)serverHello[11]));
        }

        if (serverHello.Length != HandshakeLayout.ServerHelloBytes)
        {
            throw new CollectiveException(Error.Protocol, $"A server hello of {serverHello.Length} bytes came from {rendezvous}, it has {HandshakeLayout.ServerHelloBytes}.");
        }

        byte[] who = identity.Write();
        _transcript = KeyExchange.Transcript(_hello, serverHello.ToArray(), who);
        byte[] agreement = _exchange.Agree(serverHello[(HandshakeLayout.ServerRefusalBytes + KeyExchange.NonceBytes)..]);
        _keys = KeyExchange.Derive(agreement, secret, _transcript);
        return [.. who, .. KeyExchange.Proof(secret, ofClient: true, _transcript)];
    }

    /// <summary>Takes the server's finish. Afterwards both ends have proved that they know the secret.</summary>
    /// <exception cref="RendezvousException">One of them does not.</exception>
    public SessionKeys Complete(ReadOnlySpan<byte> serverFinish)
    {
        if (serverFinish is [(byte)Refusal.None, .. var proof])
        {
            byte[] expected = KeyExchange.Proof(secret, ofClient: false, _transcript);
            return CryptographicOperations.FixedTimeEquals(expected, proof)
                ? _keys!
                : throw Refused("it could not prove that it knows the job's secret, so this rank does not join it. Look at who listens there, and that the address is right.");
        }

        throw Refused(
            "the proof of the job's secret does not hold: the secret differs from the one of the rendezvous, or bytes were altered on their way. Give every rank and the launcher the same secret (RDMACC_SECRET_FILE or RDMACC_SECRET).");
    }

    public void Dispose() => _exchange.Dispose();

    private string AuthenticationAdvice(AuthenticationMode demanded) => (demanded, mode) switch
    {
        (AuthenticationMode.Secret, _) => "it demands the job's secret and this rank has none. Set RDMACC_SECRET_FILE (or RDMACC_SECRET) to the secret of the launcher or of rank 0.",
        (_, AuthenticationMode.Secret) => "this rank has a secret (RDMACC_SECRET_FILE or RDMACC_SECRET) and the rendezvous has none. Give the same secret to the launcher or to rank 0.",
        (AuthenticationMode.SameHostOnly, _) => NoSecretAdvice,
        (AuthenticationMode.Insecure, _) => "it was started with RDMACC_INSECURE=1 and this rank was not. Set it for both or, better, give both a secret (RDMACC_SECRET_FILE).",
        (AuthenticationMode.PeerCredentials, _) => "it takes only processes of the same user of its host on this socket.",
        _ => $"it demands authentication by {demanded}, this rank offers {mode}.",
    };

    private RendezvousException Refused(string why) => new($"{(identity.IsNewcomer ? "This newcomer" : $"Rank {identity.Rank}")} was not joined to the rendezvous at {rendezvous}: {why}", identity.Rank);
}
