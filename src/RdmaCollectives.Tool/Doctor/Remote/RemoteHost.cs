using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RdmaCollectives.Tool.Doctor.Facts;
using RdmaCollectives.Tool.Launching;

namespace RdmaCollectives.Tool.Doctor.Remote;

/// <summary>An agent on another host, and what it said.</summary>
internal sealed class RemoteHost : IDisposable
{
    private const int ClockTries = 8;
    private const int SshFailed = 255; // ssh(1): an error of its own
    private const double LongestConnectSeconds = 10;

    private readonly RemoteOptions _options;
    private readonly PipedProcess _ssh;

    /// <exception cref="ToolException">ssh can't be started.</exception>
    public RemoteHost(string name, RemoteOptions options)
    {
        Name = name;
        _options = options;
        string connect = Math.Ceiling(Math.Min(LongestConnectSeconds, options.Timeout.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        _ssh = PipedProcess.Start([.. options.Ssh, "-o", "BatchMode=yes", "-o", $"ConnectTimeout={connect}", name, $"{options.Program} doctor --agent"]);
    }

    public string Name { get; }

    private string Ssh => string.Join(' ', _options.Ssh);

    public ChildProcess Process => _ssh.Process;

    /// <summary>Null until the host has been examined.</summary>
    public AgentReport? Report { get; private set; }

    /// <summary>Its clock beside ours; of no use where <see cref="Report"/> is null.</summary>
    public ClockFacts Clock { get; private set; } = new() { Utc = DateTime.UtcNow };

    /// <summary>Why there is no report; null where there is one.</summary>
    public RemoteFailure? Failure { get; private set; }

    /// <summary>Has the host examined, and compares its clock with ours. Sets <see cref="Report"/> or <see cref="Failure"/>, within the time limit.</summary>
    public void Examine(AgentRequest request)
    {
        DateTime deadline = DateTime.UtcNow + _options.Timeout;
        try
        {
            _ssh.Say($"{AgentMessages.Ask} {JsonSerializer.Serialize(request, AgentJson.Default.AgentRequest)}");
            AgentReport? report = Await(AgentMessages.Report, deadline) is { } json ? JsonSerializer.Deserialize(json, AgentJson.Default.AgentReport) : null;
            if (report is not null && TryAskClock(deadline))
            {
                Report = report with { Host = report.Host with { Host = Name } }; // as the user calls it
            }
            else
            {
                Failure = WhatFailed(deadline);
            }
        }
        catch (JsonException error)
        {
            Failure = new RemoteFailure(Name, $"its rdmacc says what {ToolVersion.Text} does not understand ({error.Message.Split('\n')[0].TrimEnd('.')})", "Install one version of rdmacc on all hosts.");
        }
    }

    public void Join(JoinOrder order) => _ssh.Say($"{AgentMessages.Join} {JsonSerializer.Serialize(order, AgentJson.Default.JoinOrder)}");

    /// <summary>What rank 0 found between the ranks; null where it ended before, or the time is over.</summary>
    public DoctorReport? AwaitRanks(DateTime deadline) => Await(AgentMessages.Ranks, deadline) is { } json ? JsonSerializer.Deserialize(json, AgentJson.Default.DoctorReport) : null;

    /// <summary>Why an agent that should have spoken has not.</summary>
    public RemoteFailure WhatFailed(DateTime deadline)
    {
        // Where nothing more comes, ssh has ended, or is about to; a hung one is given up.
        ExitStatus? status = _ssh.WaitForEnd(DateTime.UtcNow >= deadline ? deadline : DateTime.UtcNow + TimeSpan.FromSeconds(2));
        string? said = _ssh.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault()?.TrimEnd('.');
        string words = said is null ? "" : $"{said} ";
        return status switch
        {
            null => new RemoteFailure(Name, $"it did not answer within {_options.Timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s{(said is null ? "" : $" ({said})")}", $"Try '{Ssh} -o BatchMode=yes {Name} true', or allow more (--host-timeout)."),
            { Number: SshFailed, BySignal: false } => new RemoteFailure(Name, said ?? "ssh ended with exit code 255", $"'{Ssh} -o BatchMode=yes {Name} true' has to work without a question: a key that the host takes, and the host in known_hosts."),
            { Number: ExitCode.NotFound or ExitCode.NotExecutable, BySignal: false } => new RemoteFailure(Name, $"{words}(exit code {status.Value.Number})", $"Install rdmacc there, or say where it is: --remote-program PATH; '{_options.Program}' is not found by its shell."),
            _ => new RemoteFailure(Name, $"{words}({status.Value.InWords})", $"Try '{Ssh} {Name} {_options.Program} doctor'; all hosts need one version of rdmacc, here {ToolVersion.Text}."),
        };
    }

    public void Dispose() => _ssh.Dispose();

    private bool TryAskClock(DateTime deadline)
    {
        TimeSpan shortest = TimeSpan.MaxValue, ahead = TimeSpan.Zero;
        for (int attempt = 0; attempt < ClockTries; attempt++)
        {
            DateTime asked = DateTime.UtcNow;
            long start = Stopwatch.GetTimestamp();
            if (!_ssh.Say(AgentMessages.Clock) || !long.TryParse(Await(AgentMessages.Clock, deadline), NumberStyles.None, CultureInfo.InvariantCulture, out long theirs))
            {
                return false;
            }

            TimeSpan roundTrip = Stopwatch.GetElapsedTime(start);
            if (roundTrip < shortest)
            {
                (shortest, ahead) = (roundTrip, TimeSpan.FromTicks(theirs - asked.Ticks) - (roundTrip / 2));
            }
        }

        Clock = new ClockFacts { Utc = DateTime.UtcNow, AheadSeconds = ahead.TotalSeconds, UncertaintySeconds = (shortest / 2).TotalSeconds };
        return true;
    }

    /// <summary>The rest of the agent's next line that begins so; what others say in between is passed over.</summary>
    private string? Await(string word, DateTime deadline)
    {
        while (_ssh.NextLine(deadline) is { } line)
        {
            if (line.StartsWith(AgentMessages.Mark, StringComparison.Ordinal) && AgentMessages.Split(line[AgentMessages.Mark.Length..]) is var (found, rest) && found == word)
            {
                return rest;
            }
        }

        return null;
    }
}
