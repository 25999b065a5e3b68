using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Tool.Doctor.Comparisons;
using RdmaCollectives.Tool.Doctor.Facts;
using RdmaCollectives.Tool.Doctor.Pairs;
using RdmaCollectives.Tool.Inspect;
using RdmaCollectives.Tool.Launching;

namespace RdmaCollectives.Tool.Doctor.Remote;

/// <summary>
/// Examines hosts over ssh. First every host by itself, all at once; those that answered are compared, and then become the ranks of a job whose rendezvous is here, as only ranks see which transports are
/// between them. What fails costs its own part of the report alone.
/// </summary>
internal sealed class HostsExamination(DoctorOptions options, RemoteOptions remote, AgentRequest request)
{
    private const string JoinTimeoutVariable = "RDMACC_JOIN_TIMEOUT";

    private static readonly TimeSpan JoinTimeout = TimeSpan.FromSeconds(30);

    /// <summary>For what comes after the join, without a matrix.</summary>
    private static readonly TimeSpan LongestComparison = TimeSpan.FromSeconds(30);

    /// <summary>Ten times what a pair takes where it is measured alone.</summary>
    private static readonly TimeSpan LongestPair = TimeSpan.FromSeconds(3);

    /// <exception cref="ToolException">ssh can't be started at all.</exception>
    public DoctorReport Examine(ILoggerFactory? loggers)
    {
        List<RemoteHost> hosts = [];
        try
        {
            foreach (string name in remote.Hosts)
            {
                hosts.Add(new RemoteHost(name, remote));
            }

            using var watchdog = new Watchdog(hosts.Select(host => host.Process));
            Parallel(hosts);
            RemoteFailure[] failures = [.. hosts.Select(host => host.Failure).OfType<RemoteFailure>()];
            RemoteHost[] reached = [.. hosts.Where(host => host.Report is not null)];
            DoctorReport between = reached.Length > 1 ? Join(reached, loggers) : new DoctorReport { Hosts = [] };
            ComparedRank[] ranks = [.. reached.Select((host, rank) => new ComparedRank(rank, host.Name, host.Report!.Machine, host.Report.Host.Facts with { Clock = ClockOf(host, reached[0]) }))];
            return new DoctorReport
            {
                Hosts = [.. reached.Select((host, rank) => host.Report!.Host with { Ranks = [rank], Facts = ranks[rank].Facts })],
                Comparison = [.. failures.Select(failure => failure.ToFinding()), .. ComparisonList.Judge(options.Comparisons, ranks, areHosts: true)],
                Pairs = between.Pairs,
                Matrix = between.Matrix,
            };
        }
        finally
        {
            hosts.ForEach(host => host.Dispose());
        }
    }

    /// <summary>A thread for each: what they do is to wait.</summary>
    private void Parallel(List<RemoteHost> hosts)
    {
        List<Thread> threads = [];
        foreach (RemoteHost host in hosts)
        {
            var thread = new Thread(() =>
            {
                host.Examine(request);
                if (host.Failure is { } failure)
                {
                    Console.Error.WriteLine($"rdmacc: {failure.Line}");
                }
            });
            thread.IsBackground = true;
            thread.Name = $"rdmacc {host.Name}";
            thread.Start();
            threads.Add(thread);
        }

        threads.ForEach(thread => thread.Join()); // each ends within the time limit of its host
    }

    /// <summary>Both were compared with our clock; what either may be wrong by adds up.</summary>
    private static ClockFacts ClockOf(RemoteHost host, RemoteHost rankZero) => new()
    {
        Utc = host.Report!.Host.Facts.Clock.Utc,
        AheadSeconds = host == rankZero ? 0 : host.Clock.AheadSeconds - rankZero.Clock.AheadSeconds,
        UncertaintySeconds = host == rankZero ? 0 : host.Clock.UncertaintySeconds + rankZero.Clock.UncertaintySeconds,
    };

    private DoctorReport Join(RemoteHost[] reached, ILoggerFactory? loggers)
    {
        string own = RankFacts.MachineOf(HostView.OfThisMachine());
        string?[] addresses = [.. reached.Select(host => remote.Address ?? host.Report!.Client ?? (host.Report.Machine == own ? $"{IPAddress.Loopback}" : null))];
        if (Array.IndexOf(addresses, null) is >= 0 and var unknown)
        {
            return Failed($"Host {reached[unknown].Name} does not know the address of this one", "SSH_CONNECTION is not set there");
        }

        try
        {
            using var rendezvous = RendezvousServer.Start(new RendezvousServerOptions
            {
                EndPoint = new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, 0),
                WorldSize = reached.Length,
                Secret = RendezvousServer.CreateSecret(),
                JobId = $"rdmacc-{Guid.NewGuid():N}",
                JoinTimeout = JoinTimeout,
                LoggerFactory = loggers,
            });
            for (int rank = 0; rank < reached.Length; rank++)
            {
                reached[rank].Join(new JoinOrder
                {
                    Environment = EnvironmentOf(rendezvous, rank, addresses[rank]!),
                    Matrix = options.Matrix,
                    Transports = options.Transports,
                    TimeoutSeconds = options.Timeout?.TotalSeconds,
                });
            }

            int pairs = options.Matrix ? reached.Length * (reached.Length - 1) / 2 : 0;
            DateTime deadline = DateTime.UtcNow + JoinTimeout + LongestComparison + (pairs * LongestPair);
            return reached[0].AwaitRanks(deadline) ?? Failed($"Rank 0 on {reached[0].Name} has not reported: {reached[0].WhatFailed(deadline).Reason}", $"{Words.Number(reached.Length)} hosts, rendezvous at {addresses[0]} port {Words.Number(rendezvous.EndPoint.Port)}");
        }
        catch (Exception error) when (error is RendezvousException or JsonException)
        {
            return Failed(error.Message.TrimEnd('.'), error.GetType().Name);
        }
    }

    private static Dictionary<string, string?> EnvironmentOf(RendezvousServer rendezvous, int rank, string address)
    {
        Dictionary<string, string?> variables = rendezvous.GetEnvironment(rank, address).ToDictionary(variable => variable.Key, variable => (string?)variable.Value, StringComparer.Ordinal);
        variables["RDMACC_SECRET_FILE"] = null; // the job has a secret of its own, and a file would go before it
        variables[JoinTimeoutVariable] = Environment.GetEnvironmentVariable(JoinTimeoutVariable) is { Length: > 0 } own ? own : Words.Number((long)JoinTimeout.TotalSeconds);
        return variables;
    }

    private static DoctorReport Failed(string text, string evidence) => new()
    {
        Hosts = [],
        Pairs = [Finding.Problem($"The hosts were not brought together: {text}.", evidence, "Let the hosts open TCP connections to this one and to each other; --address names this host as they reach it.") with { Check = "join" }],
    };
}
