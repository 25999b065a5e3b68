using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Tool.Doctor.Pairs;

namespace RdmaCollectives.Tool.Doctor.Remote;

/// <summary>The other end of <c>rdmacc doctor --hosts</c>: examines its host, tells the time, and becomes a rank, as it is told.</summary>
internal static class Agent
{
    public static int Run(ILoggerFactory? loggers)
    {
        var host = HostView.OfThisMachine();
        while (Console.In.ReadLine() is { } line)
        {
            (string word, string rest) = AgentMessages.Split(line);
            switch (word)
            {
                case AgentMessages.Ask:
                    Answer(AgentMessages.Report, JsonSerializer.Serialize(Examine(host, JsonSerializer.Deserialize(rest, AgentJson.Default.AgentRequest)!), AgentJson.Default.AgentReport));
                    break;
                case AgentMessages.Clock:
                    Answer(AgentMessages.Clock, DateTime.UtcNow.Ticks.ToString(CultureInfo.InvariantCulture));
                    break;
                case AgentMessages.Join:
                    Join(host, JsonSerializer.Deserialize(rest, AgentJson.Default.JoinOrder)!, loggers);
                    return ExitCode.Success;
                default:
                    throw new ToolException(ExitCode.Failed, $"--agent: '{word}' is none of {AgentMessages.Ask}, {AgentMessages.Clock}, {AgentMessages.Join}. Install one version of rdmacc on all hosts; here it is {ToolVersion.Text}.");
            }
        }

        return ExitCode.Success;
    }

    private static AgentReport Examine(HostView host, AgentRequest request) => new()
    {
        Host = HostReport.Of(host, Selection.Of(request.Only, request.Skip).Checks),
        Machine = RankFacts.MachineOf(host),
        Client = Environment.GetEnvironmentVariable("SSH_CONNECTION")?.Split(' ')[0] is { Length: > 0 } client ? client : null, // ssh(1): its address and port, then ours
    };

    private static void Join(HostView host, JoinOrder order, ILoggerFactory? loggers)
    {
        foreach ((string name, string? value) in order.Environment)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        EndWithInput();
        var options = new DoctorOptions
        {
            Checks = [], // of this host all has been said
            Comparisons = [],
            Matrix = order.Matrix,
            Ranks = null,
            Transports = order.Transports,
            Timeout = order.TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
        if (new DoctorRank(options, host).Examine(loggers) is { } report)
        {
            Answer(AgentMessages.Ranks, JsonSerializer.Serialize(report, AgentJson.Default.DoctorReport));
        }
    }

    /// <summary>A rank waits for others, perhaps for long; where nobody waits for its report any more, it ends.</summary>
    private static void EndWithInput()
    {
        var reader = new Thread(() =>
        {
            while (Console.In.ReadLine() is not null)
            {
            }

            Environment.Exit(ExitCode.Failed);
        });
        reader.IsBackground = true;
        reader.Name = "rdmacc input";
        reader.Start();
    }

    private static void Answer(string word, string rest) => Console.Out.WriteLine($"{AgentMessages.Mark}{word} {rest}");
}
