using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>The handshake without sockets: every byte of it counts.</summary>
public sealed class HandshakeTests
{
    private static readonly byte[] Secret = "0123456789abcdef0123456789abcdef"u8.ToArray();

    private static JoinIdentity Identity => new(1, 4, 1, 77, "node-a", "blue");

    [Fact]
    public void Handshake_SameSecret_GivesBothEndsTheSameTwoKeys()
    {
        (SessionKeys client, SessionKeys server) = Shake(Secret, Secret, (_, _) => { });
        Assert.Equal(client.ClientToServer, server.ClientToServer);
        Assert.Equal(client.ServerToClient, server.ServerToClient);
        Assert.NotEqual(client.ClientToServer, client.ServerToClient);
        Assert.Equal(32, client.ClientToServer.Length);

        (SessionKeys again, _) = Shake(Secret, Secret, (_, _) => { });
        Assert.NotEqual(client.ClientToServer, again.ClientToServer);
    }

    [Fact]
    public void Hello_OfAnyTwoHandshakes_DiffersInNonceAndInKey()
    {
        byte[][] hellos = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            using var client = new ClientHandshake("here", Identity, AuthenticationMode.Secret, Secret);
            return client.Hello();
        })];
        const int Key = HandshakeLayout.Fixed + KeyExchange.NonceBytes;
        Assert.NotEqual(hellos[0][HandshakeLayout.Fixed..Key], hellos[1][HandshakeLayout.Fixed..Key]);
        Assert.NotEqual(hellos[0][Key..], hellos[1][Key..]);
    }

    [Fact]
    public void Handshake_OtherSecret_GivesNeitherEndKeys() =>
        Assert.ThrowsAny<CollectiveException>(() => Shake(Secret, "0123456789abcdef0123456789abcdeF"u8.ToArray(), (_, _) => { }));

    [Fact]
    public void Handshake_AnyByteAltered_IsRefusedByOneEnd()
    {
        int[] lengths = new int[4];
        Shake(Secret, Secret, (index, message) => lengths[index] = message.Length);
        Assert.Equal([HandshakeLayout.ClientHelloBytes, HandshakeLayout.ServerHelloBytes], lengths[..2]);
        for (int index = 0; index < lengths.Length; index++)
        {
            for (int offset = 0; offset < lengths[index]; offset++)
            {
                int bit = (index + offset) % 8;
                Assert.ThrowsAny<CollectiveException>(() => Shake(Secret, Secret, (i, message) =>
                {
                    if (i == index)
                    {
                        message[offset] ^= (byte)(1 << bit);
                    }
                }));
            }
        }
    }

    [Fact]
    public void Handshake_ServerWithoutTheSecretThatTakesAnyone_IsRefusedByTheClient()
    {
        using var client = new ClientHandshake("here", Identity, AuthenticationMode.Secret, Secret);
        using var server = new ServerHandshake(AuthenticationMode.Secret, "another secret, not the job's one"u8.ToArray());
        server.Take(client.Finish(server.Take(client.Hello())));
        byte[] forged = [(byte)Refusal.None, .. new byte[KeyExchange.ProofBytes]];
        RendezvousException e = Assert.Throws<RendezvousException>(() => client.Complete(forged));
        Assert.Contains("could not prove", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Handshake_ClientsOwnProofSentBack_IsRefused()
    {
        using var client = new ClientHandshake("here", Identity, AuthenticationMode.Secret, Secret);
        using var server = new ServerHandshake(AuthenticationMode.Secret, Secret);
        byte[] finish = client.Finish(server.Take(client.Hello()));
        byte[] reflected = [(byte)Refusal.None, .. finish[^KeyExchange.ProofBytes..]];
        Assert.Throws<RendezvousException>(() => client.Complete(reflected));
    }

    [Theory]
    [InlineData((byte)AuthenticationMode.SameHostOnly, (byte)AuthenticationMode.SameHostOnly)]
    [InlineData((byte)AuthenticationMode.Insecure, (byte)AuthenticationMode.SameHostOnly)]
    [InlineData((byte)AuthenticationMode.SameHostOnly, (byte)AuthenticationMode.Secret)]
    [InlineData((byte)AuthenticationMode.Insecure, (byte)AuthenticationMode.Secret)]
    [InlineData((byte)AuthenticationMode.PeerCredentials, (byte)AuthenticationMode.Secret)]
    [InlineData((byte)AuthenticationMode.Secret, (byte)AuthenticationMode.Insecure)]
    public void Handshake_ModesThatDoNotGoTogether_AreRefused(byte offered, byte demanded)
    {
        using var client = new ClientHandshake("here", Identity, (AuthenticationMode)offered, []);
        using var server = new ServerHandshake((AuthenticationMode)demanded, []);
        byte[] answer = server.Take(client.Hello());
        Assert.NotNull(server.Refused);
        Assert.Throws<RendezvousException>(() => client.Finish(answer));
    }

    [Fact]
    public void Handshake_PointNotOnTheCurve_IsRefused()
    {
        using var client = new ClientHandshake("here", Identity, AuthenticationMode.Secret, Secret);
        client.Hello();
        byte[] offCurve = [.. Enumerable.Repeat((byte)1, KeyExchange.PublicKeyBytes)];
        byte[] hello = HandshakeLayout.Hello(WireProtocol.Version, 0, [(byte)AuthenticationMode.Secret], new byte[KeyExchange.NonceBytes], offCurve);
        Assert.Throws<CollectiveException>(() => client.Finish(hello));
    }

    /// <summary>A whole handshake; <paramref name="tamper"/> sees message 0..3 on its way and may change it.</summary>
    private static (SessionKeys Client, SessionKeys Server) Shake(byte[] clientSecret, byte[] serverSecret, Action<int, byte[]> tamper)
    {
        using var client = new ClientHandshake("here", Identity, AuthenticationMode.Secret, clientSecret);
        using var server = new ServerHandshake(AuthenticationMode.Secret, serverSecret);
        byte[] hello = Passed(0, client.Hello());
        byte[] answer = Passed(1, server.Take(hello));
        byte[] finish = Passed(2, client.Finish(answer));
        byte[] last = Passed(3, server.Take(finish));
        SessionKeys keys = client.Complete(last);
        Assert.Equal(Identity, server.Identity);
        return (keys, server.Keys!);

        byte[] Passed(int index, byte[] message)
        {
            byte[] copy = [.. message];
            tamper(index, copy);
            return copy;
        }
    }
}
