using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace RdmaCollectives.Bootstrap.Tls;

/// <summary>A rank's side of the beginning of a connection: the TLS handshake, then the rendezvous' word whether it takes the rank's certificate.</summary>
internal static class TlsGreeting
{
    /// <exception cref="RendezvousException">One of the two does not take the other.</exception>
    /// <exception cref="SocketException">The connection ended.</exception>
    public static SslStream Authenticate(Socket network, TlsCredentials credentials, string host, string rendezvous, int rank)
    {
        string? reason = null;
        var stream = new SslStream(new NetworkStream(network, ownsSocket: false));
        try
        {
            stream.AuthenticateAsClient(credentials.Client(host, why => reason ??= why));
            int answer = stream.ReadByte();
            if (answer == TlsTunnel.Taken)
            {
                return stream;
            }

            throw answer == TlsTunnel.Refused
                ? new RendezvousException($"Rank {rank} was not joined to the rendezvous at {rendezvous}: over TLS it says of this rank, {Words(stream)}. Mend RDMACC_TLS_CERTIFICATE and RDMACC_TLS_KEY of this rank.", rank)
                : new IOException("it ended after the TLS handshake");
        }
        catch (AuthenticationException e)
        {
            stream.Dispose();
            throw new RendezvousException(
                $"Rank {rank} does not join the rendezvous at {rendezvous} over TLS: {reason ?? $"the handshake failed: {(e.InnerException ?? e).Message.TrimEnd('.')}"}. Look at who listens there, and at RDMACC_TLS_CA and RDMACC_TLS_NAME.",
                rank,
                innerException: e);
        }
        catch (IOException e)
        {
            stream.Dispose();
            // Ended or reset is the same: which one a listener's close becomes depends on what it had left unread.
            throw e.InnerException is SocketException { SocketErrorCode: not (SocketError.ConnectionReset or SocketError.Shutdown) } error
                ? error
                : new CollectiveException(Error.Protocol, "what listens there ended the connection in the TLS handshake: it was started without RDMACC_TLS_CERTIFICATE, or is not a rendezvous", innerException: e);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static string Words(SslStream stream)
    {
        byte[] words = new byte[Math.Max(0, stream.ReadByte())];
        int count = stream.ReadAtLeast(words, words.Length, throwOnEndOfStream: false);
        return string.Concat(Encoding.UTF8.GetString(words, 0, count).Where(c => !char.IsControl(c)));
    }
}
