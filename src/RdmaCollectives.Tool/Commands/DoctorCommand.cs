using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.Doctor;
using RdmaCollectives.Tool.Doctor.Checks;
using RdmaCollectives.Tool.Doctor.Remote;
using RdmaCollectives.Tool.Launching;

namespace RdmaCollectives.Tool.Commands;

/// <summary><c>rdmacc doctor</c>: looks at this host, over ssh or under a launcher at every host, what differs between them, and every pair of ranks; says what is wrong and what to do.</summary>
internal static class DoctorCommand
{
    private const int MostRanks = 1024;

    private static readonly Option<bool> List = new("--list") { Description = "List the checks of a host and those between hosts, and what each looks at." };
    private static readonly Option<string?> Only = OptionKinds.Text("--only", [], "Only these checks, of hosts and between them, with commas between.", "NAMES");
    private static readonly Option<string?> Skip = OptionKinds.Text("--skip", [], "All checks but these, of hosts and between them, with commas between.", "NAMES");
    private static readonly Option<bool> Strict = new("--strict") { Description = "End with exit code 5 if there is a warning and no problem." };
    private static readonly Option<bool> Pairs = new("--matrix") { Description = "Measure latency and bandwidth between every two ranks, and mark slow pairs." };
    private static readonly Option<int?> Ranks = OptionKinds.Number("--ranks", [], 2, MostRanks, "Local ranks to start, and to examine by pairs. [default: none; with --matrix: the processors of this host, at least 2 and at most 8]");
    private static readonly Option<string?> Transports = OptionKinds.Transports("--transport", "auto (the best present), or a list of shm, verbs, tcp with commas between: what the ranks may use. [default: RDMACC_TRANSPORTS, or auto]");
    private static readonly Option<TimeSpan?> Timeout = OptionKinds.Seconds("--timeout", 0.001, 604_800, "The deadline of each call between ranks. [default: RDMACC_TIMEOUT, or 300]");
    private static readonly Option<string?> Json = MakeJson();
    private static readonly Option<bool> AsAgent = new("--agent") { Description = "For --hosts on another host: takes orders from standard input.", Hidden = true };

    public static Command Make()
    {
        var command = new Command("doctor", "Looks at this host, over ssh or under a launcher at all hosts, what differs between them, and every pair of ranks: what is wrong, how that shows, what to do. Changes nothing.")
        {
            List, Only, Skip, Strict, Pairs, Ranks, Transports, Timeout, Json, AsAgent,
        };
        foreach (Option option in HostsOptions.All)
        {
            command.Options.Add(option);
        }

        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        if (parsed.GetValue(List))
        {
            DoctorView.ShowChecks(Selection.Of(null, null));
            return ExitCode.Success;
        }

        RemoteOptions? remote = HostsOptions.Of(parsed, Ranks);
        var selection = Selection.Of(parsed.GetValue(Only), parsed.GetValue(Skip));
        var options = new DoctorOptions
        {
            Checks = selection.Checks,
            Comparisons = selection.Comparisons,
            Matrix = parsed.GetValue(Pairs),
            Ranks = parsed.GetValue(Ranks),
            Transports = parsed.GetValue(Transports),
            Timeout = parsed.GetValue(Timeout),
        };
        string? json = parsed.GetResult(Json) is null ? null : parsed.GetValue(Json) ?? "-";
        if (Launched.IsRankZero)
        {
            OutputFile.Check(Json.Name, json);
        }

        using ILoggerFactory? loggers = Verbosity.Loggers(parsed);
        if (parsed.GetValue(AsAgent))
        {
            return Agent.Run(loggers);
        }

        if (remote is not null)
        {
            var request = new AgentRequest { Only = parsed.GetValue(Only), Skip = parsed.GetValue(Skip) };
            return Finish(new HostsExamination(options, remote, request).Examine(loggers), parsed, json);
        }

        HostView host = HostView.OfThisMachine();
        if (Launched.IsLaunched)
        {
            return new DoctorRank(options, host).Examine(loggers) is { } report ? Finish(report, parsed, json) : ExitCode.Success;
        }

        if (options.Matrix || options.Ranks is not null)
        {
            int ranks = options.Ranks ?? Math.Clamp(Environment.ProcessorCount, 2, 8);
            if (WhyNoRanks(host, ranks) is { } reason)
            {
                return Finish(new DoctorReport { Hosts = [HostReport.Of(host, options.Checks)], Pairs = [reason] }, parsed, json);
            }

            return Job.Run(new JobOptions { Command = ThisProgram.Again(), Ranks = ranks, RankZeroOwnsOutput = true }, loggers);
        }

        return options.Checks.Count > 0
            ? Finish(new DoctorReport { Hosts = [HostReport.Of(host, options.Checks)] }, parsed, json)
            : throw ToolException.BadArguments($"--only {parsed.GetValue(Only)}: that compares hosts, and there is only this one. Name others (--hosts), start the doctor under a launcher, or name checks of a host as well (--list).");
    }

    private static int Finish(DoctorReport report, ParseResult parsed, string? json)
    {
        if (json == "-")
        {
            Console.WriteLine(report.ToJson());
        }
        else
        {
            DoctorView.Show(report, parsed.GetValue(Verbosity.Option));
        }

        if (json is not (null or "-"))
        {
            using StreamWriter file = OutputFile.Create(Json.Name, json);
            file.WriteLine(report.ToJson());
        }

        return report.ExitCodeFor(parsed.GetValue(Strict));
    }

    /// <summary>What would end ranks before they can say why.</summary>
    private static Finding? WhyNoRanks(HostView host, int ranks) =>
        HostReport.Of(host, OpenFilesCheck.AreTooMany(host, ranks - 1) ? [new ConfigurationCheck(), new OpenFilesCheck()] : [new ConfigurationCheck()]).Findings.FirstOrDefault(finding => finding.Severity == Severity.Problem) is { } problem
            ? problem with { Check = "join", Text = $"No ranks were started: {problem.Text}" }
            : null;

    /// <summary>With a file or without: then JSON goes to standard output, and nothing else.</summary>
    private static Option<string?> MakeJson()
    {
        Option<string?> option = OptionKinds.Text("--json", [], "Also write all of it as JSON to this file; without a file, or with -, JSON alone goes to standard output.", "FILE");
        option.Arity = ArgumentArity.ZeroOrOne;
        return option;
    }
}
