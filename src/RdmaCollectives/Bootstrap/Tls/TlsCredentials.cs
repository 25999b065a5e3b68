using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RdmaCollectives.Bootstrap.Tls;

/// <summary>What this process shows of itself in TLS, and whom it takes.</summary>
internal sealed class TlsCredentials
{
    private readonly SslStreamCertificateContext _own;
    private readonly X509Certificate2Collection _authorities;
    private readonly string _authorityFile;
    private readonly string? _name;

    private TlsCredentials(SslStreamCertificateContext own, X509Certificate2Collection authorities, TlsFiles files)
    {
        _own = own;
        _authorities = authorities;
        _authorityFile = files.Authority;
        _name = files.Name;
    }

    /// <exception cref="RendezvousException">A file can't be read or does not hold what it should; the message says which and what.</exception>
    public static TlsCredentials Load(TlsFiles files)
    {
        X509Certificate2Collection chain = Read("RDMACC_TLS_CERTIFICATE", files.Certificate, ReadCertificates);
        X509Certificate2 certificate = Read("RDMACC_TLS_KEY", files.Key, path => X509Certificate2.CreateFromPemFile(files.Certificate, path));
        X509Certificate2Collection authorities = Read("RDMACC_TLS_CA", files.Authority, ReadCertificates);
        chain.RemoveAt(0);
        return new TlsCredentials(SslStreamCertificateContext.Create(certificate, chain, offline: true), authorities, files);
    }

    /// <summary>For the rendezvous: TLS 1.3, a certificate is asked for, <paramref name="refuse"/> is told why one is not taken. The handshake goes on then, so that the rank can be told in words.</summary>
    public SslServerAuthenticationOptions Server(Action<string> refuse) => new()
    {
        ServerCertificateContext = _own,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = Policy(),
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            string? reason = WhyNot(certificate, chain, errors, _name);
            if (reason is not null)
            {
                refuse(reason);
            }

            return true;
        },
    };

    /// <summary>For a rank: TLS 1.3, and the rendezvous must show a certificate for <paramref name="host"/>, or for the name of the options.</summary>
    public SslClientAuthenticationOptions Client(string host, Action<string> refuse) => new()
    {
        TargetHost = _name ?? host,
        ClientCertificateContext = _own,
        EnabledSslProtocols = SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = Policy(),
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            string? reason = WhyNot(certificate, chain, errors, _name ?? host);
            if (reason is not null)
            {
                refuse(reason);
            }

            return reason is null;
        },
    };

    // Only what the authority's file holds is trusted, and nothing is fetched from anywhere.
    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }

    private string? WhyNot(X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors, string? name)
    {
        if (shown is not X509Certificate2 certificate || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "it showed no certificate";
        }

        string whose = Printable(certificate.Subject);
        X509ChainStatusFlags status = X509ChainStatusFlags.NoError;
        foreach (X509ChainStatus each in chain?.ChainStatus ?? [])
        {
            status |= each.Status;
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return (status & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot)) != X509ChainStatusFlags.NoError
                ? $"its certificate ({whose}) is not from an authority in {_authorityFile} (RDMACC_TLS_CA)"
                : status.HasFlag(X509ChainStatusFlags.NotTimeValid)
                ? $"its certificate ({whose}) holds from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u}, and it is {DateTime.UtcNow:u}"
                : $"its certificate ({whose}) does not hold: {status}";
        }

        return name is not null && !certificate.MatchesHostname(name) ? $"its certificate ({whose}) is not for the name {name}" : null;
    }

    // What a stranger writes into a certificate goes into our log.
    private static string Printable(string text) => string.Concat(text.Where(c => !char.IsControl(c)).Take(200));

    private static X509Certificate2Collection ReadCertificates(string path)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(path);
        return certificates.Count > 0 ? certificates : throw new CryptographicException("it holds no certificate");
    }

    private static T Read<T>(string variable, string path, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new RendezvousException($"{variable} names '{path}', which can't be used: {e.Message.TrimEnd('.')}. It is a file in PEM form.", innerException: e);
        }
    }
}
