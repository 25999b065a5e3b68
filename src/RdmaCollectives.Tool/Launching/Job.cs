using System.Net;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Tool.Launching.Interop;

namespace RdmaCollectives.Tool.Launching;

/// <summary>
/// N processes of this host that are the ranks of one job. One thread sleeps in poll(2) over their output, their ends and the signals to the launcher.
/// </summary>
/// <remarks>
/// All ranks run                  -> a rank fails        -> the others get the grace, SIGTERM, 3 seconds, SIGKILL
///                                   elastic, enough live -> they go on; after a while another process is started, as a newcomer
///                                -> a signal to us      -> passed on to all ranks, 3 seconds, SIGKILL (at once if it comes twice)
///                                -> our output is closed -> SIGTERM, 3 seconds, SIGKILL
/// the last rank has ended        -> what is left in the process groups is killed, the output is read to its end, all children are reaped
/// </remarks>
internal sealed class Job : IDisposable
{
    /// <summary>Between the word and the blow.</summary>
    private static readonly TimeSpan TermToKill = TimeSpan.FromSeconds(3);

    /// <summary>Output that is still in a pipe comes at once; a stray process outside of the groups may hold a pipe open for ever.</summary>
    private static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(1);

    /// <summary>The end of a rank wakes the loop; this is for where nothing is to be had that would.</summary>
    private const int LongestSleepMilliseconds = 500, LongestSleepUnwatched = 20;

    private readonly JobOptions _options;
    private readonly RendezvousServer _rendezvous;
    private readonly SignalInbox _inbox = new();
    private readonly List<ChildProcess> _ranks = [];
    private readonly RankOutputs _outputs = new();
    private readonly List<(DateTime At, int Signal)> _planned = [];
    private readonly Elasticity? _elasticity;
    private readonly List<Watchdog> _watchdogs = [];
    private readonly Binding _binding;
    private int? _exitCode;
    private bool _isFinishing; // a rank has ended well: no more are started
    private bool _interrupted;
    private DateTime? _drainUntil;

    private IEnumerable<ChildProcess> Living => _ranks.Where(rank => rank.Status is null);

    private Job(JobOptions options, RendezvousServer rendezvous, Binding binding)
    {
        _options = options;
        _binding = binding;
        _rendezvous = rendezvous;
        _elasticity = options.Least is { } least ? new Elasticity(least, options.Restarts) : null;
    }

    /// <summary>Runs the job to its end.</summary>
    /// <returns>0, or the exit code of the first rank that failed, or 128 + the signal that ended us.</returns>
    /// <exception cref="ToolException">The program can't be started.</exception>
    public static int Run(JobOptions options, ILoggerFactory? loggers)
    {
        var binding = new Binding(options.Bind, options.Ranks);
        using var rendezvous = RendezvousServer.Start(new RendezvousServerOptions
        {
            EndPoint = new IPEndPoint(IPAddress.Loopback, 0),
            WorldSize = options.Ranks,
            Secret = RendezvousServer.CreateSecret(),
            TlsCertificate = Option("RDMACC_TLS_CERTIFICATE"),
            TlsKey = Option("RDMACC_TLS_KEY"),
            TlsAuthority = Option("RDMACC_TLS_CA"),
            TlsName = Option("RDMACC_TLS_NAME"),
            JobId = $"rdmacc-{Guid.NewGuid():N}",
            ExitReportGrace = TimeSpan.FromMilliseconds(200), // what we see comes with the end of the rank's connection; its words say more
            LoggerFactory = loggers,
        });
        using var job = new Job(options, rendezvous, binding);
        for (int rank = 0; rank < options.Ranks; rank++)
        {
            job.Start(rank);
        }

        job._watchdogs.Add(new Watchdog(job._ranks));
        return job.Watch();
    }

    // As the ranks will find it.
    private static string? Option(string variable) => new CommunicatorOptions().Describe().FirstOrDefault(option => option.Variable == variable && option.Source != OptionSource.Default)?.Value;

    /// <summary>However the job ended: nothing of it is left.</summary>
    public void Dispose()
    {
        foreach (ChildProcess rank in _ranks)
        {
            rank.Signal(Libc.SIGKILL);
            rank.Reap();
        }

        _watchdogs.ForEach(watchdog => watchdog.Dispose());
        _outputs.Dispose();
        _inbox.Dispose();
    }

    private void Start(int rank)
    {
        if (_options.RankZeroOwnsOutput && rank == 0)
        {
            Start(rank, RankEnvironment.Of(rank, _options, _rendezvous), 1, 2);
            return;
        }

        string prefix = _options.Prefix ? $"[{rank}] " : "";
        int output = _outputs.Forward(1, prefix), error = ChildProcess.Nothing;
        try
        {
            error = _outputs.Forward(2, prefix);
            Dictionary<string, string?> environment = rank < _options.Ranks ? RankEnvironment.Of(rank, _options, _rendezvous) : RankEnvironment.OfNewcomer(rank, _options, _rendezvous);
            Start(rank, environment, output, error);
        }
        finally
        {
            _ = Libc.close(output);
            _ = error == ChildProcess.Nothing ? 0 : Libc.close(error);
        }
    }

    private void Start(int rank, Dictionary<string, string?> environment, int output, int error)
    {
        _binding.During(rank, () => _ranks.Add(ChildProcess.Start(_options.Command, environment, ChildProcess.Nothing, output, error)));
        _ranks[^1].Watch();
    }

    private int Watch()
    {
        while (true)
        {
            try
            {
                _outputs.Sleep([_inbox.ReadEnd, .. Living.Select(rank => rank.EndDescriptor)], SleepMilliseconds());
                _inbox.Clear();
                PassSignalsOn();
            }
            catch (OutputClosedException)
            {
                End(SignalNames.Base + Libc.SIGPIPE, Libc.SIGTERM);
            }

            LookAtRanks();
            StartNewcomers();
            SendPlanned();
            if (_drainUntil is { } deadline && (!_outputs.AreOpen || DateTime.UtcNow >= deadline))
            {
                return _exitCode ?? ExitCode.Success;
            }
        }
    }

    private int SleepMilliseconds()
    {
        DateTime next = _planned.Select(planned => planned.At).Append(_drainUntil ?? DateTime.MaxValue).Append(_elasticity?.NextStart ?? DateTime.MaxValue).Min();
        return (int)Math.Clamp((next - DateTime.UtcNow).TotalMilliseconds + 1, 0, Living.Any(rank => rank.EndDescriptor < 0) ? LongestSleepUnwatched : LongestSleepMilliseconds);
    }

    private void PassSignalsOn()
    {
        while (_inbox.TryTake(out int signal))
        {
            End(SignalNames.Base + signal, _interrupted ? Libc.SIGKILL : signal);
            _interrupted = true;
        }
    }

    private void LookAtRanks()
    {
        for (int rank = 0; rank < _ranks.Count; rank++)
        {
            if (_ranks[rank].Status is null && _ranks[rank].Look())
            {
                Ended(rank, _ranks[rank].Status!.Value);
            }
        }

        if (_drainUntil is null && _ranks.TrueForAll(rank => rank.Status is not null))
        {
            _planned.Clear();
            SignalAll(Libc.SIGKILL); // what the ranks have started and left behind
            _drainUntil = DateTime.UtcNow + LongestDrain;
        }
    }

    private void Ended(int rank, ExitStatus status)
    {
        if (rank < _options.Ranks)
        {
            _rendezvous.ReportExit(rank, status.InWords);
        }

        if (status.IsSuccess || _exitCode is not null)
        {
            EndWaitingNewcomers(status);
            return;
        }

        if (_elasticity is { } elasticity && GoesOn(elasticity, rank, status))
        {
            return;
        }

        _exitCode = status.Code;
        if (_ranks.Count > 1 && _elasticity is null)
        {
            Say($"rank {rank} failed: {status.InWords}.");
        }

        DateTime term = DateTime.UtcNow + _options.Grace;
        _planned.Add((term, Libc.SIGTERM));
        _planned.Add((term + TermToKill, Libc.SIGKILL));
    }

    // Whether the job goes on without a rank that failed.
    private bool GoesOn(Elasticity elasticity, int rank, ExitStatus status)
    {
        int living = Living.Count();
        if (_isFinishing)
        {
            return living > 0 || rank >= _options.Ranks; // a newcomer that nobody could take in any more has failed nobody
        }

        bool goesOn = elasticity.MayGoOn(living, DateTime.UtcNow);
        string next = !goesOn ? $"fewer than {elasticity.Least} are left (--min), the job ends"
            : elasticity.IsAwaited ? $"{living} go on, and a newcomer is started ({elasticity.RestartsLeft} more restarts)"
            : $"{living} go on";
        Say($"{Name(rank)} failed: {status.InWords}; {next}.");
        return goesOn;
    }

    // Ranks of one program end together. A newcomer that still waits then waits for nobody.
    private void EndWaitingNewcomers(ExitStatus status)
    {
        if (_elasticity is null || !status.IsSuccess || _isFinishing)
        {
            return;
        }

        _isFinishing = true;
        _elasticity.Stop();
    }

    private void StartNewcomers()
    {
        for (int due = _exitCode is null ? _elasticity?.TakeDue(DateTime.UtcNow) ?? 0 : 0; due > 0; due--)
        {
            Start(_ranks.Count);
            _watchdogs.Add(new Watchdog(_ranks[^1..]));
        }

        if (_isFinishing && _exitCode is null && _planned.Count == 0 && _ranks.Take(_options.Ranks).All(rank => rank.Status is not null))
        {
            DateTime term = DateTime.UtcNow + _options.Grace;
            _planned.Add((term, Libc.SIGTERM));
            _planned.Add((term + TermToKill, Libc.SIGKILL));
        }
    }

    private string Name(int rank) => rank < _options.Ranks ? $"rank {rank}" : $"newcomer {rank}";

    private void End(int exitCode, int signal)
    {
        _elasticity?.Stop();
        _exitCode ??= exitCode;
        SignalAll(signal);
        _planned.Add((DateTime.UtcNow + TermToKill, Libc.SIGKILL));
    }

    private void SendPlanned()
    {
        DateTime now = DateTime.UtcNow;
        foreach ((_, int signal) in _planned.Where(planned => planned.At <= now))
        {
            SignalAll(signal);
        }

        _planned.RemoveAll(planned => planned.At <= now);
    }

    private void SignalAll(int signal) => _ranks.ForEach(rank => rank.Signal(signal));

    private static void Say(string line) => Console.Error.WriteLine($"rdmacc: {line}");
}
