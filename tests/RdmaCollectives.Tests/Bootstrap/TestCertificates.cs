using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>An authority of the tests and what it issues, as PEM files in a folder of their own.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rdmacc-tls-").FullName;
    private readonly X509Certificate2 _authority;

    public TestCertificates(string name = "authority of the tests")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(1));
        AuthorityFile = Write("authority", _authority.ExportCertificatePem());
    }

    public string AuthorityFile { get; }

    /// <summary>A certificate for a DNS name and, unless it is for that alone, the loopback address, and its key.</summary>
    public TlsFiles Issue(string name, bool isExpired = false, TestCertificates? trusts = null, string? expects = null, bool isForNameAlone = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (!isForNameAlone)
        {
            names.AddIpAddress(IPAddress.Loopback);
        }

        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 issued = request.Create(_authority, now.AddDays(-30), isExpired ? now.AddDays(-1) : now.AddDays(30), RandomNumberGenerator.GetBytes(8));
        string place = $"{name}-{Guid.NewGuid():N}";
        return new TlsFiles(Write(place, issued.ExportCertificatePem()), Write($"{place}.key", key.ExportPkcs8PrivateKeyPem()), (trusts ?? this).AuthorityFile, expects);
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, $"{name}.pem");
        File.WriteAllText(path, text);
        return path;
    }
}
