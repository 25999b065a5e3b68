using System.Text;
using System.Text.RegularExpressions;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>What a whole run writes to its log, at every level, and the names that it leaves where other users can read them.</summary>
public sealed partial class SecrecyTests
{
    [Theory]
    [InlineData("shm,tcp")]
    [InlineData("tcp")]
    public void Run_WithEveryLevelLogged_NoSecretKeyOrProofIsInLogsOrNames(string transports)
    {
        string secret = RendezvousServer.CreateSecret();
        using var certificates = new TestCertificates();
        TlsFiles tls = certificates.Issue("job");
        var log = new LogRecorder();
        using (RendezvousServer server = RendezvousServer.Start(new RendezvousServerOptions
        {
            WorldSize = 3,
            Secret = secret,
            TlsCertificate = tls.Certificate,
            TlsKey = tls.Key,
            TlsAuthority = tls.Authority,
            LoggerFactory = log,
        }))
        {
            Assert.Throws<RendezvousException>(() => Communicator.Create(Options(0, server, tls, "another secret, of enough characters", transports, log)));
            Communicator[] ranks = Ranks.Run(3, rank => Communicator.Create(Options(rank, server, tls, secret, transports, log)));
            try
            {
                Ranks.Run(3, rank => ranks[rank].AllReduce(new float[100_000].AsSpan(), ReduceOp.Sum));
                AssertSilent(string.Join('\n', PublicNames()), secret);
                ranks[1].Abort();
                Ranks.Run(3, rank => Assert.ThrowsAny<CollectiveException>(() => ranks[rank].AllReduce(new float[100].AsSpan(), ReduceOp.Sum)));
            }
            finally
            {
                Array.ForEach(ranks, rank => rank.Dispose());
            }
        }

        Assert.True(log.Messages.Count >= 10, $"Only {log.Messages.Count} messages: the test looks at nothing.");
        foreach ((_, string text) in log.Messages)
        {
            AssertSilent(text, secret);
            Assert.False(LooksLikeAKey.IsMatch(text), text);
        }
    }

    [Fact]
    public void AssertSilent_ASecretInAnyForm_IsFound()
    {
        const string Secret = "0123456789abcdef, a secret";
        Assert.ThrowsAny<Exception>(() => AssertSilent($"x{Secret}y", Secret));
        Assert.ThrowsAny<Exception>(() => AssertSilent($"x{Secret[3..15]}y", Secret)); // as much as the name of a thread shows
        Assert.ThrowsAny<Exception>(() => AssertSilent($"x{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Secret))}y", Secret));
        Assert.Matches(LooksLikeAKey, $"key {Convert.ToHexStringLower(new byte[32])}");
        Assert.Matches(LooksLikeAKey, $"key {RendezvousServer.CreateSecret()}");
    }

    private static CommunicatorOptions Options(int rank, RendezvousServer server, TlsFiles tls, string secret, string transports, LogRecorder log) => new()
    {
        Rank = rank,
        WorldSize = 3,
        Rendezvous = $"{server.EndPoint}",
        HostRendezvous = false,
        Secret = secret,
        TlsCertificate = tls.Certificate,
        TlsKey = tls.Key,
        TlsAuthority = tls.Authority,
        Transports = transports,
        HostId = rank == 2 ? "another" : "one",
        Encryption = EncryptionScope.Tcp,
        JoinTimeout = TimeSpan.FromSeconds(30),
        LoggerFactory = log,
    };

    // What /proc and /dev/shm show of this process to others, and more than they show.
    private static IEnumerable<string> PublicNames() =>
    [
        File.ReadAllText("/proc/self/cmdline"),
        File.ReadAllText("/proc/self/maps"),
        File.ReadAllText("/proc/net/unix"),
        .. Directory.GetFiles("/dev/shm"),
        .. ThreadNames.OfThisProcess(),
    ];

    // A part of a secret is one too. Shorter than the name of a thread can be (15), longer than what two texts have in common by chance.
    private const int TellingLength = 12;

    private static void AssertSilent(string text, string secret)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(secret);
        foreach (string form in (string[])[secret, Convert.ToBase64String(bytes), Convert.ToHexString(bytes), Convert.ToHexStringLower(bytes)])
        {
            for (int start = 0; start + TellingLength <= form.Length; start++)
            {
                Assert.DoesNotContain(form.Substring(start, TellingLength), text, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    // 32 bytes in hexadecimal, or in base 64 with its end.
    [GeneratedRegex("[0-9a-fA-F]{48}|[0-9A-Za-z+/]{40,}=")]
    private static partial Regex LooksLikeAKey { get; }
}
