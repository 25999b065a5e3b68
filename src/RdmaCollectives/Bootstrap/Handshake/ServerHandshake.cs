using System.Security.Cryptography;

namespace RdmaCollectives.Bootstrap.Handshake;

/// <summary>
/// The rendezvous' end of the handshake, fed with one message at a time, so that one thread serves any number of joiners. The client proves itself first:
/// a stranger gets nothing to try secrets against.
/// <code>
/// awaiting hello  -> awaiting finish   a client hello of our version and mode
/// awaiting finish -> accepted          the client's proof holds
/// either          -> refused           anything else; Refused says why
/// </code>
/// </summary>
internal sealed class ServerHandshake(AuthenticationMode demanded, byte[] secret, ushort version = WireProtocol.Version) : IDisposable
{
    private readonly KeyExchange _exchange = new();
    private byte[]? _clientHello;
    private byte[] _serverHello = [];

    /// <summary>Set once accepted, together with <see cref="Keys"/>.</summary>
    public JoinIdentity? Identity { get; private set; }

    public SessionKeys? Keys { get; private set; }

    /// <summary>Why the client was refused, in words for our own log; null while it wasn't.</summary>
    public string? Refused { get; private set; }

    /// <summary>Takes the client's next message and returns the answer, which is to be sent also when it is a refusal.</summary>
    /// <exception cref="CollectiveException">This is not a message of the handshake.</exception>
    public byte[] Take(ReadOnlySpan<byte> message) => _clientHello is null ? TakeHello(message) : TakeFinish(message);

    private byte[] TakeHello(ReadOnlySpan<byte> message)
    {
        if (!HandshakeLayout.IsHello(message))
        {
            throw new CollectiveException(Error.Protocol, "This is not the hello of a rank.");
        }

        ushort theirs = HandshakeLayout.VersionOf(message);
        if (theirs != version)
        {
            Refused = $"it speaks wire version {theirs}, this rendezvous {version}";
            return HandshakeLayout.Hello(version, (byte)Refusal.Version, [(byte)demanded]);
        }

        var mode = (AuthenticationMode)message[10];
        if (mode != demanded || demanded == AuthenticationMode.SameHostOnly)
        {
            Refused = $"it offers authentication by {mode}, this rendezvous demands {demanded}";
            return HandshakeLayout.Hello(version, (byte)Refusal.Authentication, [(byte)demanded]);
        }

        if (message.Length != HandshakeLayout.ClientHelloBytes)
        {
            throw new CollectiveException(Error.Protocol, $"A client hello of {message.Length} bytes came, it has {HandshakeLayout.ClientHelloBytes}.");
        }

        _clientHello = message.ToArray();
        _serverHello = HandshakeLayout.Hello(version, (byte)Refusal.None, [(byte)demanded], _exchange.Nonce, _exchange.PublicKey());
        return _serverHello;
    }

    private byte[] TakeFinish(ReadOnlySpan<byte> message)
    {
        int identityBytes = message.Length - KeyExchange.ProofBytes;
        JoinIdentity? identity = identityBytes > 0 ? JoinIdentity.TryRead(message[..identityBytes]) : null;
        if (identity is null)
        {
            throw new CollectiveException(Error.Protocol, "A client finish came that can't be read.");
        }

        byte[] transcript = KeyExchange.Transcript(_clientHello!, _serverHello, message[..identityBytes].ToArray());
        byte[] expected = KeyExchange.Proof(secret, ofClient: true, transcript);
        if (!CryptographicOperations.FixedTimeEquals(expected, message[identityBytes..]))
        {
            Refused = "its proof does not hold: it has another secret, or its bytes were altered or replayed";
            return [(byte)Refusal.Proof];
        }

        byte[] agreement = _exchange.Agree(_clientHello.AsSpan(HandshakeLayout.Fixed + KeyExchange.NonceBytes));
        Keys = KeyExchange.Derive(agreement, secret, transcript);
        Identity = identity;
        return [(byte)Refusal.None, .. KeyExchange.Proof(secret, ofClient: false, transcript)];
    }

    public void Dispose() => _exchange.Dispose();
}
