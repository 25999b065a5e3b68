using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Handshake;
using RdmaCollectives.Fuzz.Engine;

namespace RdmaCollectives.Fuzz.Parsers;

/// <summary>What both ends of the handshake have in common: the first byte of an input says what is done with the others.</summary>
internal static class HandshakeInput
{
    public static readonly byte[] Secret = [.. "a secret for the fuzzing of parsers"u8];

    public static readonly JoinIdentity Identity = new(3, 8, 1, 77, "node-a", "job");

    /// <summary>The genuine message with some bytes changed: triples of offset (2 bytes) and what is xored there. Null when nothing is changed in the end.</summary>
    public static byte[]? Masked(byte[] genuine, ReadOnlySpan<byte> mask)
    {
        byte[] changed = [.. genuine];
        for (; mask.Length >= 3; mask = mask[3..])
        {
            changed[BitConverter.ToUInt16(mask) % changed.Length] ^= mask[2];
        }

        return changed.AsSpan().SequenceEqual(genuine) ? null : changed;
    }

    public static Sample Of(int scenario, byte[] message, params ReadOnlySpan<(int Length, FieldKind Kind)> parts)
    {
        var layout = new Layout([(byte)scenario, .. message]);
        layout.Opaque(1);
        foreach ((int length, FieldKind kind) in parts)
        {
            _ = kind switch
            {
                FieldKind.Choice => layout.Choice(length),
                FieldKind.Number => layout.Number(length),
                FieldKind.Length => layout.Size(length),
                _ => layout.Opaque(length),
            };
        }

        return layout.Done();
    }

    public static bool IsDeclared(Exception e) => e is RendezvousException or CollectiveException { Error: Error.Protocol };
}

/// <summary>The rendezvous' end: strangers who know no secret, and members who know it and send nonsense behind the right proof.</summary>
internal sealed class ServerHandshakeTarget : FuzzTarget
{
    private const int Scenarios = 5;

    private ServerHandshake? _fresh;
    private ServerHandshake? _greeted;
    private byte[] _hello = [];
    private byte[] _serverHello = [];
    private byte[] _finish = [];
    private byte[] _sample = [];
    private int _generated;

    public override string Name => "server-handshake";

    public override IReadOnlyList<string> Sources => ["Handshake/ServerHandshake.cs", "Handshake/HandshakeLayout.cs", "Handshake/KeyExchange.cs"];

    public override bool TakesItsSamples => false;

    public override Sample Generate(Random random)
    {
        if (_generated++ % 256 == 0)
        {
            using var client = new ClientHandshake("nowhere", HandshakeInput.Identity, AuthenticationMode.Secret, HandshakeInput.Secret);
            _sample = client.Hello(); // a key is dear
        }

        int scenario = random.Next(16) == 0 ? 3 : random.Next(Scenarios - 1) is var other && other == 3 ? 4 : other;
        return scenario switch
        {
            0 or 3 => HandshakeInput.Of(scenario, _sample, (8, FieldKind.Opaque), (2, FieldKind.Number), (1, FieldKind.Choice), (32, FieldKind.Opaque), (64, FieldKind.Opaque)),
            1 => HandshakeInput.Of(scenario, [.. HandshakeInput.Identity.Write(), .. Make.Bytes(random, KeyExchange.ProofBytes)], (16, FieldKind.Number), (1, FieldKind.Length), (1, FieldKind.Length), (9, FieldKind.Opaque)),
            2 => HandshakeInput.Of(scenario, BootstrapTargets.Identity(random).Write(), (4, FieldKind.Number), (4, FieldKind.Number), (4, FieldKind.Number), (4, FieldKind.Number), (1, FieldKind.Length), (1, FieldKind.Length)),
            _ => HandshakeInput.Of(scenario, random.Next(20) == 0 ? [] : [.. Make.Bytes(random, 2), (byte)(1 << random.Next(8))]),
        };
    }

    public override Outcome Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return Outcome.Refused;
        }

        byte[] rest = input[1..];
        try
        {
            return (input[0] % Scenarios) switch
            {
                0 => Hello(rest),
                1 => Finish(rest, mustRefuse: true),
                2 => Finish([.. rest, .. Proof(_hello, _serverHello, rest)], mustRefuse: false),
                3 => ProvedHello(rest),
                _ => HandshakeInput.Masked(Greeted(), rest) is { } changed ? Finish(changed, mustRefuse: true) : Finish(_finish, mustRefuse: false),
            };
        }
        catch (Exception e) when (HandshakeInput.IsDeclared(e))
        {
            return Outcome.Refused;
        }
    }

    public override void Dispose()
    {
        _fresh?.Dispose();
        _greeted?.Dispose();
    }

    private Outcome Hello(byte[] message)
    {
        _fresh ??= new ServerHandshake(AuthenticationMode.Secret, HandshakeInput.Secret);
        byte[] answer = _fresh.Take(message);
        if (answer.Length != HandshakeLayout.ServerHelloBytes)
        {
            return answer.Length == HandshakeLayout.ServerRefusalBytes ? Outcome.Refused : throw new BrokenInvariantException($"the answer has {answer.Length} bytes");
        }

        _fresh.Dispose();
        _fresh = null;
        return message.Length == HandshakeLayout.ClientHelloBytes && message.AsSpan().StartsWith("rdmacc\r\n"u8) && BitConverter.ToUInt16(message, 8) == WireProtocol.Version && message[10] == (byte)AuthenticationMode.Secret
            ? Outcome.Accepted
            : throw new BrokenInvariantException("a hello was taken that is none");
    }

    private Outcome Finish(byte[] message, bool mustRefuse)
    {
        Greeted();
        byte[] answer = _greeted!.Take(message);
        if (_greeted.Keys is null)
        {
            return answer is [(byte)Refusal.Proof] && _greeted.Identity is null ? Outcome.Refused : throw new BrokenInvariantException("refused, and yet it has an identity or another answer");
        }

        JoinIdentity identity = _greeted.Identity!;
        _greeted.Dispose();
        _greeted = null;
        return mustRefuse ? throw new BrokenInvariantException("a proof was taken that its sender could not make")
            : identity.Write().AsSpan().SequenceEqual(message.AsSpan(0, message.Length - KeyExchange.ProofBytes)) ? Outcome.Accepted
            : throw new BrokenInvariantException($"the identity was read as {identity}, which is written otherwise");
    }

    // A client that knows the secret, with a hello of its own making: its key may be no point of the curve.
    private static Outcome ProvedHello(byte[] hello)
    {
        using var server = new ServerHandshake(AuthenticationMode.Secret, HandshakeInput.Secret);
        byte[] answer = server.Take(hello);
        if (server.Refused is not null)
        {
            return Outcome.Refused;
        }

        byte[] identity = HandshakeInput.Identity.Write();
        server.Take([.. identity, .. Proof(hello, answer, identity)]);
        return server.Keys is null ? throw new BrokenInvariantException("the right proof was refused") : Outcome.Accepted;
    }

    private byte[] Greeted()
    {
        if (_greeted is null)
        {
            using var client = new ClientHandshake("nowhere", HandshakeInput.Identity, AuthenticationMode.Secret, HandshakeInput.Secret);
            _greeted = new ServerHandshake(AuthenticationMode.Secret, HandshakeInput.Secret);
            _hello = client.Hello();
            _serverHello = _greeted.Take(_hello);
            _finish = client.Finish(_serverHello);
        }

        return _finish;
    }

    private static byte[] Proof(byte[] hello, byte[] serverHello, byte[] identity) =>
        KeyExchange.Proof(HandshakeInput.Secret, ofClient: true, KeyExchange.Transcript(hello, serverHello, identity));
}

/// <summary>The rank's end: something that listens at the address and is no rendezvous, or one that does not know the secret.</summary>
internal sealed class ClientHandshakeTarget : FuzzTarget
{
    private const int Scenarios = 3;

    private readonly ClientHandshake _fresh = new("nowhere", HandshakeInput.Identity, AuthenticationMode.Secret, HandshakeInput.Secret);
    private ClientHandshake? _finished;
    private byte[] _serverFinish = [];

    public ClientHandshakeTarget() => _fresh.Hello();

    public override string Name => "client-handshake";

    public override IReadOnlyList<string> Sources => ["Handshake/ClientHandshake.cs", "Handshake/HandshakeLayout.cs", "Handshake/KeyExchange.cs"];

    public override bool TakesItsSamples => false;

    public override Sample Generate(Random random)
    {
        int scenario = random.Next(Scenarios);
        if (scenario > 0)
        {
            byte[] contents = scenario == 1 ? [(byte)random.Next(5), .. Make.Bytes(random, KeyExchange.ProofBytes)] : random.Next(20) == 0 ? [] : [.. Make.Bytes(random, 2), (byte)(1 << random.Next(8))];
            return HandshakeInput.Of(scenario, contents, scenario == 1 ? [(1, FieldKind.Choice)] : []);
        }

        byte[] key = random.Next(8) == 0 ? _fresh.Hello()[^KeyExchange.PublicKeyBytes..] : Make.Bytes(random, KeyExchange.PublicKeyBytes);
        byte[] hello = HandshakeLayout.Hello(WireProtocol.Version, (byte)(random.Next(3) == 0 ? random.Next(6) : 0), [(byte)AuthenticationMode.Secret], Make.Bytes(random, KeyExchange.NonceBytes), key);
        return HandshakeInput.Of(0, hello, (8, FieldKind.Opaque), (2, FieldKind.Number), (1, FieldKind.Choice), (1, FieldKind.Choice), (32, FieldKind.Opaque), (64, FieldKind.Opaque));
    }

    public override Outcome Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return Outcome.Refused;
        }

        byte[] rest = input[1..];
        try
        {
            switch (input[0] % Scenarios)
            {
                case 0:
                    _fresh.Finish(rest);
                    return rest.Length == HandshakeLayout.ServerHelloBytes && BitConverter.ToUInt16(rest, 8) == WireProtocol.Version && rest[10] == 0 && rest[11] == (byte)AuthenticationMode.Secret
                        ? Outcome.Accepted
                        : throw new BrokenInvariantException("a server's hello was taken that is none");
                case 1:
                    Finished().Complete(rest);
                    throw new BrokenInvariantException("a proof was taken that its sender could not make");
                default:
                    ClientHandshake client = Finished();
                    byte[]? changed = HandshakeInput.Masked(_serverFinish, rest);
                    client.Complete(changed ?? _serverFinish);
                    return changed is null ? Outcome.Accepted : throw new BrokenInvariantException("an altered proof was taken");
            }
        }
        catch (Exception e) when (HandshakeInput.IsDeclared(e))
        {
            return Outcome.Refused;
        }
    }

    public override void Dispose()
    {
        _fresh.Dispose();
        _finished?.Dispose();
    }

    private ClientHandshake Finished()
    {
        if (_finished is null)
        {
            using var server = new ServerHandshake(AuthenticationMode.Secret, HandshakeInput.Secret);
            _finished = new ClientHandshake("nowhere", HandshakeInput.Identity, AuthenticationMode.Secret, HandshakeInput.Secret);
            _serverFinish = server.Take(_finished.Finish(server.Take(_finished.Hello())));
        }

        return _finished;
    }
}
