using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives.Bootstrap.Tls;

/// <summary>The rendezvous' side of the beginning of a connection: TLS or not, certificate or not, and the answer.</summary>
internal static class TlsWelcome
{
    private const byte TlsHandshakeRecord = 22; // RFC 8446, 5.1: the first byte of what a TLS client says
    private const int MaxWordsBytes = 255;

    /// <summary>Serves the connection until the network's end. What is not let in ends here.</summary>
    public static void Serve(TlsTunnel tunnel, TlsCredentials credentials, byte demandedMode, Action<string> refused)
    {
        Socket network = tunnel.Network;
        if (First(network) is var first && first != TlsHandshakeRecord)
        {
            if (first >= 0)
            {
                refused("it does not speak TLS, which this rendezvous was started with (RDMACC_TLS_CERTIFICATE)");
                SayNeedsTls(network, demandedMode);
            }

            return;
        }

        string? reason = null;
        var stream = new SslStream(new NetworkStream(network, ownsSocket: false));
        try
        {
            stream.AuthenticateAsServer(credentials.Server(why => reason ??= why));
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            refused($"the TLS handshake failed: {(e.InnerException ?? e).Message.TrimEnd('.')}. Ranks need TLS 1.3 and a certificate of the authority");
            stream.Dispose();
            return;
        }

        if (reason is not null)
        {
            refused(reason);
            byte[] words = Encoding.UTF8.GetBytes(reason);
            int count = Math.Min(words.Length, MaxWordsBytes);
            stream.Write([TlsTunnel.Refused, (byte)count, .. words[..count]]);
            stream.Dispose();
            return;
        }

        stream.Write([TlsTunnel.Taken]);
        tunnel.Open(stream);
        tunnel.PumpInward();
    }

    // -1: it ended without a word.
    private static int First(Socket network)
    {
        byte[] first = new byte[1];
        return network.Receive(first, SocketFlags.Peek) == 1 ? first[0] : -1;
    }

    // In the first words that every version of the handshake understands.
    private static void SayNeedsTls(Socket network, byte demandedMode)
    {
        network.Receive(new byte[WireProtocol.PrefixBytes + WireProtocol.MaxHandshakeBytes]); // left unread, it would make the kernel take our answer back
        byte[] answer = HandshakeLayout.Hello(WireProtocol.Version, (byte)Refusal.Tls, [demandedMode]);
        byte[] prefix = new byte[WireProtocol.PrefixBytes];
        BinaryPrimitives.WriteInt32LittleEndian(prefix, answer.Length);
        network.Send([.. prefix, .. answer]);
    }
}
