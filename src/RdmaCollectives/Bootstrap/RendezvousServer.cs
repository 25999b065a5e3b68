using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Bootstrap.Handshake;

namespace RdmaCollectives;

/// <summary>
/// Where the ranks of a job meet, and what keeps them in touch beside the data: it admits each rank once, hands blobs between them, tells all of a fault, and notices a rank
/// whose connection ends without a goodbye. A launcher hosts it, or rank 0 does (<see cref="CommunicatorOptions.HostRendezvous"/>).
/// </summary>
/// <remarks>
/// One thread of its own serves all ranks; the thread pool is not used. Strangers, garbage and silence cost a bounded buffer for at most five seconds each.
/// All members may be called from any thread.
/// </remarks>
public sealed class RendezvousServer : IAsyncDisposable, IDisposable
{
    private readonly RendezvousServerOptions _options;
    private readonly RendezvousLoop _loop;
    private readonly Thread _thread;

    private RendezvousServer(RendezvousServerOptions options, RendezvousLoop loop)
    {
        _options = options;
        _loop = loop;
        EndPoint = loop.EndPoint;
        _thread = new Thread(loop.Run) { IsBackground = true, Name = "rdmacc rendezvous" };
        _thread.Start();
    }

    /// <summary>Where the server listens, with the port that it got.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Listens and begins to admit ranks; does not wait for them.</summary>
    /// <param name="options">Copied; later changes have no effect.</param>
    /// <exception cref="ArgumentException">A value is outside of its limits; the message names it.</exception>
    /// <exception cref="RendezvousException">The address can't be listened at; the message says why.</exception>
    public static RendezvousServer Start(RendezvousServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        var copy = new RendezvousServerOptions
        {
            EndPoint = options.EndPoint,
            WorldSize = options.WorldSize,
            Secret = options.Secret,
            Insecure = options.Insecure,
            JobId = options.JobId,
            TlsCertificate = options.TlsCertificate,
            TlsKey = options.TlsKey,
            TlsAuthority = options.TlsAuthority,
            TlsName = options.TlsName,
            JoinTimeout = options.JoinTimeout,
            ExitReportGrace = options.ExitReportGrace,
            LoggerFactory = options.LoggerFactory,
            HostedByRankZero = options.HostedByRankZero,
        };
        ILogger logger = (copy.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<RendezvousServer>();
        return new RendezvousServer(copy, RendezvousLoop.Listen(copy, logger));
    }

    /// <summary>A new secret: 256 random bits as text.</summary>
    public static string CreateSecret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>
    /// The environment variables with which a process becomes a rank of this job. They hold the secret: set them in the process' environment, never on a command line or in a log.
    /// </summary>
    /// <param name="rank">The rank, 0 to world size - 1.</param>
    /// <param name="advertisedHost">The name or address under which the ranks reach this host, where <see cref="EndPoint"/>'s own (all interfaces, say) is not it.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such rank.</exception>
    public IReadOnlyDictionary<string, string> GetEnvironment(int rank, string? advertisedHost = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, _options.WorldSize);
        Dictionary<string, string> variables = EnvironmentOfJob(advertisedHost);
        variables["RDMACC_RANK"] = rank.ToString(CultureInfo.InvariantCulture);
        variables["RDMACC_WORLD_SIZE"] = _options.WorldSize.ToString(CultureInfo.InvariantCulture);
        return variables;
    }

    /// <summary>
    /// The environment variables with which a process joins this job after its start, as a newcomer that the members take in. They hold the secret, like those of <see cref="GetEnvironment"/>.
    /// </summary>
    /// <param name="advertisedHost">As for <see cref="GetEnvironment"/>.</param>
    public IReadOnlyDictionary<string, string> GetNewcomerEnvironment(string? advertisedHost = null)
    {
        Dictionary<string, string> variables = EnvironmentOfJob(advertisedHost);
        variables["RDMACC_NEWCOMER"] = "1";
        return variables;
    }

    private Dictionary<string, string> EnvironmentOfJob(string? advertisedHost)
    {
        var address = new RendezvousAddress(advertisedHost ?? EndPoint.Address.ToString(), EndPoint.Port);
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RDMACC_RENDEZVOUS"] = address.ToString(),
            ["RDMACC_HOST_RENDEZVOUS"] = "0",
        };
        if (_options.Secret is not null)
        {
            variables["RDMACC_SECRET"] = _options.Secret;
        }
        else if (_options.Insecure)
        {
            variables["RDMACC_INSECURE"] = "1";
        }

        if (_options.JobId.Length > 0)
        {
            variables["RDMACC_JOB_ID"] = _options.JobId;
        }

        return variables;
    }

    /// <summary>
    /// Says how the process of a rank ended, as its parent knows it: <c>it was killed by signal 9</c>. A rank that had not said goodbye is dead from then on, also when a forked child still
    /// holds its connection open; the other ranks are told in these words.
    /// </summary>
    /// <param name="rank">The rank, 0 to world size - 1.</param>
    /// <param name="words">How it ended; completes the sentence "Rank 3 (process 77 on node-a) died: ...".</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such rank.</exception>
    public void ReportExit(int rank, string words)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, _options.WorldSize);
        ArgumentNullException.ThrowIfNull(words);
        _loop.ReportExit(rank, words);
    }

    /// <summary>As <see cref="ReportExit"/>, for a process of this host whose rank its parent does not know: a newcomer's.</summary>
    /// <param name="processId">The number of the process that ended.</param>
    /// <param name="words">How it ended; completes the sentence "Rank 5 (process 77 on node-a) died: ...".</param>
    public void ReportProcessExit(int processId, string words)
    {
        ArgumentNullException.ThrowIfNull(words);
        _loop.ReportExit(-processId - 1, words);
    }

    /// <summary>Ends the server; ranks that are connected to each other go on without it, and newcomers can't join any more. Returns when its thread has ended.</summary>
    public void Dispose()
    {
        _loop.Stop();
        _thread.Join(TimeSpan.FromSeconds(5)); // a turn of the loop takes microseconds; the bound is for a machine that stands still
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the server by itself once the last rank has left: for a host that leaves while others still need it. Does not wait.</summary>
    internal void StopWhenEmpty() => _loop.StopWhenEmpty();

    private static void Check(RendezvousServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options.EndPoint);
        ArgumentNullException.ThrowIfNull(options.JobId);
        if (options.WorldSize is < 1 or > 65_536)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.WorldSize, "WorldSize is 1 to 65536.");
        }

        if (options.Secret is { Length: < 16 })
        {
            throw new ArgumentException("Secret has at least 16 characters (its value is not shown). RendezvousServer.CreateSecret makes one.", nameof(options));
        }

        if (options.Tls is null && (options.TlsCertificate ?? options.TlsKey ?? options.TlsAuthority) is not null)
        {
            throw new ArgumentException("TlsCertificate, TlsKey and TlsAuthority are set together or not at all.", nameof(options));
        }

        if (Encoding.UTF8.GetByteCount(options.JobId) > JoinIdentity.MaxJobIdBytes)
        {
            throw new ArgumentException($"JobId is at most {JoinIdentity.MaxJobIdBytes} bytes of UTF-8.", nameof(options));
        }

        if (options.JoinTimeout <= TimeSpan.Zero || options.JoinTimeout > TimeSpan.FromDays(1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.JoinTimeout, "JoinTimeout is more than 0 and at most a day.");
        }

        if (options.ExitReportGrace < TimeSpan.Zero || options.ExitReportGrace > TimeSpan.FromSeconds(1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.ExitReportGrace, "ExitReportGrace is 0 to 1 second.");
        }
    }
}
