using System.CommandLine;
using System.CommandLine.Parsing;
using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.Doctor.Remote;
using RdmaCollectives.Tool.Launching;

namespace RdmaCollectives.Tool.Commands;

/// <summary>The options of <c>rdmacc doctor</c> that have to do with other hosts.</summary>
internal static class HostsOptions
{
    private const double DefaultTimeout = 60;

    private static readonly Option<string?> Hosts = OptionKinds.Text("--hosts", [], "Run on these hosts over ssh, compare them, and let them meet as ranks: names as ssh takes them, with commas between. This host is one of them only if it is named.", "HOSTS");
    private static readonly Option<string?> Ssh = OptionKinds.Text("--ssh", [], "With --hosts: the program that reaches them, and arguments of it. [default: ssh]", "COMMAND");
    private static readonly Option<string?> Program = OptionKinds.Text("--remote-program", [], "With --hosts: how their shells call this tool. [default: rdmacc]", "PROGRAM");
    private static readonly Option<TimeSpan?> HostTimeout = OptionKinds.Seconds("--host-timeout", 1, 3600, "With --hosts: how long each host has until its report is here. [default: 60]");
    private static readonly Option<string?> Address = OptionKinds.Text("--address", [], "With --hosts: under which name or address they reach this one. [default: the one that ssh shows there]", "ADDRESS");

    public static IReadOnlyList<Option> All { get; } = [Hosts, Ssh, Program, HostTimeout, Address];

    /// <summary>Null without --hosts.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="ranks">The option that does not go with it.</param>
    /// <exception cref="ToolException">Hosts are no hosts, or options do not go together.</exception>
    public static RemoteOptions? Of(ParseResult parsed, Option<int?> ranks)
    {
        if (parsed.GetValue(Hosts) is not { } hosts)
        {
            return All.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } alone ? throw ToolException.BadArguments($"{alone.Name} belongs to --hosts: name hosts as well, or leave it away.") : null;
        }

        if (parsed.GetValue(ranks) is { } number)
        {
            throw ToolException.BadArguments($"{ranks.Name} {number} does not go with --hosts, which starts one rank on each host: leave one of them away.");
        }

        if (Launched.IsLaunched)
        {
            throw ToolException.BadArguments($"--hosts {hosts}: a launcher has started this process already (RDMACC_RANK or RANK is set). Leave --hosts away under a launcher, or unset them.");
        }

        string[] ssh = (parsed.GetValue(Ssh) ?? "ssh").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string program = parsed.GetValue(Program) ?? "rdmacc";
        return ssh.Length == 0 || string.IsNullOrWhiteSpace(program)
            ? throw ToolException.BadArguments($"{(ssh.Length == 0 ? Ssh : Program).Name} is empty: name a program, or leave it away.")
            : new RemoteOptions { Hosts = RemoteOptions.ParseHosts(hosts), Ssh = ssh, Program = program, Timeout = parsed.GetValue(HostTimeout) ?? TimeSpan.FromSeconds(DefaultTimeout), Address = parsed.GetValue(Address) };
    }
}
