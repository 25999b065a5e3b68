using System.Net;
using Microsoft.Extensions.Logging;

namespace RdmaCollectives;

/// <summary>How a <see cref="RendezvousServer"/> is started. Copied by <see cref="RendezvousServer.Start"/>.</summary>
public sealed class RendezvousServerOptions
{
    /// <summary>Where to listen. Port 0 (the default, on the loopback interface) takes a free one; <see cref="RendezvousServer.EndPoint"/> says which.</summary>
    public IPEndPoint EndPoint { get; set; } = new(IPAddress.Loopback, 0);

    /// <summary>The number of ranks that are waited for, 1 to 65,536.</summary>
    public int WorldSize { get; set; } = 1;

    /// <summary>The job's secret, at least 16 characters; <see cref="RendezvousServer.CreateSecret"/> makes one. Null: only processes of the same user on this host may join.</summary>
    public string? Secret { get; set; }

    /// <summary>Without a <see cref="Secret"/>, let anyone join from anywhere. Warned of once.</summary>
    public bool Insecure { get; set; }

    /// <summary>Tells jobs apart that meet at one address: ranks that name another are refused. At most 128 bytes of UTF-8.</summary>
    public string JobId { get; set; } = "";

    /// <summary>A file in PEM form with this process' certificate: ranks then join over TLS 1.3 alone, and show one too. Together with <see cref="TlsKey"/> and <see cref="TlsAuthority"/>, or none of them.</summary>
    public string? TlsCertificate { get; set; }

    /// <summary>The file with the private key of <see cref="TlsCertificate"/>.</summary>
    public string? TlsKey { get; set; }

    /// <summary>The file with the certificates of the authorities whose ranks may join.</summary>
    public string? TlsAuthority { get; set; }

    /// <summary>The name that the certificates of the ranks must be for; null takes every one of the authority's.</summary>
    public string? TlsName { get; set; }

    /// <summary>How long to wait for all ranks, from the start of the server. After it every rank that joined is told which are missing.</summary>
    public TimeSpan JoinTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a broken connection waits for <see cref="RendezvousServer.ReportExit"/> to say how the process ended, before the other ranks are told of the death without it.
    /// Zero (the default) where nobody calls that method.
    /// </summary>
    public TimeSpan ExitReportGrace { get; set; }

    /// <summary>Where log messages go; nowhere by default.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Rank 0's own process hosts the server: when the server is gone, so is rank 0.</summary>
    internal bool HostedByRankZero { get; set; }

    internal TlsFiles? Tls => TlsCertificate is null || TlsKey is null || TlsAuthority is null ? null : new TlsFiles(TlsCertificate, TlsKey, TlsAuthority, TlsName);
}
