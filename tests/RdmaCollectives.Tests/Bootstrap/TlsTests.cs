using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RdmaCollectives.Bootstrap;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>TLS around the join: who is let in, who is not and in which words, and that the job goes on.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TestCertificates _authority = new();
    private readonly TestCertificates _foreign = new("another authority");
    private readonly LogRecorder _log = new();

    [Fact]
    public void Join_WithCertificatesOnBothSides_GathersAndNoticesADeath()
    {
        using RendezvousServer server = Start(3, _authority.Issue("rendezvous"));
        ControlPlane[] planes = Ranks.Run(3, rank => Join(rank, 3, server, _authority.Issue($"rank-{rank}")));
        byte[] large = new byte[60_000];
        Random.Shared.NextBytes(large);
        Ranks.Run(3, rank =>
        {
            for (int i = 0; i < 20; i++)
            {
                byte[][] all = planes[rank].AllGather([(byte)rank, .. large], TestWorld.Wait);
                Assert.All(all, (blob, from) => Assert.True(blob.AsSpan().SequenceEqual([(byte)from, .. large])));
            }
        });
        planes[2].Dispose(); // without a goodbye
        Ranks.Await(() => planes[0].Faults.Current is { Error: Error.PeerDied, Peer: 2 }, "the death of rank 2");
        Ranks.LeaveAll(planes[..2]);
        Assert.DoesNotContain(_log.Warnings, warning => warning.Contains("refused", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("expired", "holds from")]
    [InlineData("foreign", "is not from an authority in")]
    [InlineData("other name", "is not for the name job-17")]
    public void Join_RankWithABadCertificate_IsToldWhyLoggedOnceAndTheJobGoesOn(string how, string words)
    {
        using RendezvousServer server = Start(1, _authority.Issue("job-17", expects: how == "other name" ? "job-17" : null));
        TlsFiles bad = how switch
        {
            "expired" => _authority.Issue("job-17", isExpired: true),
            "foreign" => _foreign.Issue("job-17", trusts: _authority),
            _ => _authority.Issue("job-18", expects: "job-17"),
        };
        for (int i = 0; i < 3; i++)
        {
            RendezvousException refused = Assert.Throws<RendezvousException>(() => Join(0, 1, server, bad));
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
            Assert.Contains("RDMACC_TLS_CERTIFICATE", refused.Message, StringComparison.Ordinal);
        }

        AssertRefusedOnceAndOpen(server, words, "job-17");
    }

    [Theory]
    [InlineData("expired", "holds from")]
    [InlineData("foreign", "is not from an authority in")]
    [InlineData("other name", "is not for the name job-18")]
    [InlineData("other host", "is not for the name 127.0.0.1")]
    public void Join_RendezvousWithABadCertificate_TheRankDoesNotJoinIt(string how, string words)
    {
        TlsFiles bad = how switch
        {
            "expired" => _authority.Issue("job-17", isExpired: true),
            "foreign" => _foreign.Issue("job-17", trusts: _authority),
            "other host" => _authority.Issue("job-17", isForNameAlone: true),
            _ => _authority.Issue("job-17"),
        };
        using RendezvousServer server = Start(1, bad);
        RendezvousException refused = Assert.Throws<RendezvousException>(() => Join(0, 1, server, _authority.Issue("rank", expects: how == "other name" ? "job-18" : null)));
        Assert.Contains("does not join the rendezvous", refused.Message, StringComparison.Ordinal);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls13, "it showed no certificate")]
    [InlineData(SslProtocols.Tls12, "the TLS handshake failed")]
    public void Accept_StrangerWithoutACertificateOrWithTls12_IsRefused(SslProtocols protocol, string words)
    {
        using RendezvousServer server = Start(1, _authority.Issue("rendezvous"));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(server.EndPoint);
        socket.ReceiveTimeout = socket.SendTimeout = 10_000;
        using var stream = new SslStream(new NetworkStream(socket));
        try
        {
            stream.AuthenticateAsClient(new SslClientAuthenticationOptions
            {
                TargetHost = "rendezvous",
                EnabledSslProtocols = protocol,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            });
            byte[] answer = new byte[1024];
            int count = stream.ReadAtLeast(answer, answer.Length, throwOnEndOfStream: false);
            Assert.Equal("\x01\x18it showed no certificate", System.Text.Encoding.UTF8.GetString(answer, 0, count));
        }
        catch (Exception e) when (protocol != SslProtocols.Tls13 && e is AuthenticationException or IOException)
        {
            // Refused in the middle of the handshake.
        }

        AssertRefusedOnceAndOpen(server, words, "rendezvous");
    }

    [Fact]
    public void Join_PlainRankAtARendezvousWithTls_IsToldSo()
    {
        using RendezvousServer server = Start(1, _authority.Issue("rendezvous"));
        RendezvousException refused = Assert.Throws<RendezvousException>(() => Join(0, 1, server, tls: null));
        Assert.Contains("takes ranks over TLS only. Set RDMACC_TLS_CERTIFICATE", refused.Message, StringComparison.Ordinal);
        AssertRefusedOnceAndOpen(server, "does not speak TLS", "rendezvous");
    }

    [Fact]
    public void Join_RankWithTlsAtAPlainRendezvous_SaysSoWhenItsPatienceEnds()
    {
        using RendezvousServer server = Start(1, tls: null);
        RendezvousException refused = Assert.Throws<RendezvousException>(() => Join(0, 1, server, _authority.Issue("rank"), TimeSpan.FromSeconds(2)));
        Assert.Contains("it was started without RDMACC_TLS_CERTIFICATE", refused.Message, StringComparison.Ordinal);
        using ControlPlane plane = Join(0, 1, server, tls: null);
        plane.Leave();
    }

    [Fact]
    public void Join_WrongSecretOverTls_IsStillRefused()
    {
        using RendezvousServer server = Start(1, _authority.Issue("rendezvous"));
        RendezvousException refused = Assert.Throws<RendezvousException>(
            () => RendezvousLink.Join(Ranks.Options(0, 1, server.EndPoint.Port, "quite another secret of enough characters") with { Tls = _authority.Issue("rank") }));
        Assert.Contains("the secret differs", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Accept_SilentStrangers_DoNotKeepARankOutAndHoldNoThreadForLong()
    {
        using RendezvousServer server = Start(1, _authority.Issue("rendezvous"));
        Socket[] silent = [.. Enumerable.Range(0, 20).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))];
        Array.ForEach(silent, socket => socket.Connect(server.EndPoint));
        Ranks.LeaveAll([Join(0, 1, server, _authority.Issue("rank"))]);
        Ranks.Await(() => TunnelThreads() == 0, "the end of all tunnels' threads, while the strangers stay", seconds: 60);
        Array.ForEach(silent, socket => socket.Dispose());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Start_OneOfTheThreeFilesIsMissing_IsRefused(int which)
    {
        TlsFiles files = _authority.Issue("rendezvous");
        ArgumentException refused = Assert.Throws<ArgumentException>(() => RendezvousServer.Start(new RendezvousServerOptions
        {
            WorldSize = 1,
            Secret = TestWorld.Secret,
            TlsCertificate = which == 0 ? null : files.Certificate,
            TlsKey = which == 1 ? null : files.Key,
            TlsAuthority = which == 2 ? null : files.Authority,
        }).Dispose());
        Assert.Contains("set together or not at all", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Join_FileThatIsNotPem_NamesOptionAndFile(int which)
    {
        TlsFiles files = _authority.Issue("rank");
        string wrong = Path.GetTempFileName();
        File.WriteAllText(wrong, "not a certificate");
        TlsFiles bad = which switch { 0 => files with { Certificate = wrong }, 1 => files with { Key = wrong }, _ => files with { Authority = wrong } };
        using RendezvousServer server = Start(1, _authority.Issue("rendezvous"));
        RendezvousException refused = Assert.Throws<RendezvousException>(() => Join(0, 1, server, bad));
        Assert.Contains($"names '{wrong}', which can't be used", refused.Message, StringComparison.Ordinal);
        File.Delete(wrong);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _foreign.Dispose();
    }

    private RendezvousServer Start(int worldSize, TlsFiles? tls) => RendezvousServer.Start(new RendezvousServerOptions
    {
        EndPoint = new IPEndPoint(IPAddress.Loopback, 0),
        WorldSize = worldSize,
        Secret = TestWorld.Secret,
        TlsCertificate = tls?.Certificate,
        TlsKey = tls?.Key,
        TlsAuthority = tls?.Authority,
        TlsName = tls?.Name,
        LoggerFactory = _log,
    });

    private static ControlPlane Join(int rank, int worldSize, RendezvousServer server, TlsFiles? tls, TimeSpan? patience = null) =>
        RendezvousLink.Join(Ranks.Options(rank, worldSize, server.EndPoint.Port) with { Tls = tls, JoinTimeout = patience ?? TimeSpan.FromSeconds(30) });

    private void AssertRefusedOnceAndOpen(RendezvousServer server, string words, string name)
    {
        Ranks.Await(() => _log.Warnings.Length > 0, "the warning");
        using ControlPlane plane = Join(0, 1, server, _authority.Issue(name));
        plane.Leave();
        Assert.Contains(words, Assert.Single(_log.Warnings), StringComparison.Ordinal);
    }

    private static int TunnelThreads() => ThreadNames.OfThisProcess().Count(name => name.StartsWith("rdmacc tls", StringComparison.Ordinal));
}
