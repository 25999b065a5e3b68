using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.Launching;

namespace RdmaCollectives.Tool.Commands;

/// <summary><c>rdmacc run</c>: any program as the ranks of a job on this host.</summary>
internal static class RunCommand
{
    private const int MostRanks = 1024;

    private static readonly Option<int?> Ranks = OptionKinds.Number("--ranks", ["-n"], 1, MostRanks, "How many ranks to start.");
    private static readonly Option<string?> Transports = OptionKinds.Transports("--transport", "auto (the best present), or a list of shm, verbs, tcp with commas between. [default: RDMACC_TRANSPORTS, or auto]");
    private static readonly Option<Dictionary<string, string>?> Variables = MakeVariables();
    private static readonly Option<bool> NoPrefix = new("--no-prefix") { Description = "Pass lines on as they are, without the rank in front." };
    private static readonly Option<bool> HostIdPerRank = new("--host-id-per-rank") { Description = "Each rank takes itself for a host of its own (RDMACC_HOST_ID): network transports on one machine." };
    private static readonly Option<TimeSpan?> Grace = OptionKinds.Seconds("--grace", 0, 3600, "How long the other ranks may go on after one has failed, before SIGTERM and 3 seconds later SIGKILL. [default: 2]");
    private static readonly Option<int?> Least = OptionKinds.Number("--min", [], 1, MostRanks, "Go on when ranks fail, as long as so many live; the program shrinks and grows its communicator. [default: end when one fails]");
    private static readonly Option<int?> Most = OptionKinds.Number("--max", [], 1, MostRanks, "With --min: how many to start where -n is not given, and never more at a time.");
    private static readonly Option<int?> Restarts = OptionKinds.Number("--restarts", [], 0, 100_000, "With --min: how many processes to start in place of failed ranks, as newcomers (RDMACC_NEWCOMER=1). [default: 10]");
    private static readonly Option<BindMode?> Bind = BindOption.Make("Which processors a rank may run on");

    private static readonly Argument<string[]> Program = new("program") { Description = "After --: the program and its arguments. Its standard input is empty.", Arity = ArgumentArity.ZeroOrMore };

    public static Command Make()
    {
        var command = new Command("run", "Starts N ranks of a program on this host and brings them together. Ends them all, with all that they started, when one fails or the launcher ends.")
        {
            Ranks, Least, Most, Restarts, Transports, Bind, Variables, NoPrefix, HostIdPerRank, Grace, Program,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        int? least = parsed.GetValue(Least);
        int? most = parsed.GetValue(Most);
        if (least is null && (most is not null || parsed.GetValue(Restarts) is not null))
        {
            throw ToolException.BadArguments("--max and --restarts belong to an elastic job: say with how few ranks it goes on, as in rdmacc run -n 4 --min 2 -- program arguments");
        }

        if ((parsed.GetValue(Ranks) ?? most) is not { } ranks)
        {
            throw ToolException.BadArguments("run needs to know how many ranks: rdmacc run -n 4 -- program arguments");
        }

        if (least > ranks || ranks > most)
        {
            throw ToolException.BadArguments($"-n {ranks} does not lie between --min {least} and --max {most ?? ranks}");
        }

        if (parsed.GetValue(Program) is not { Length: > 0 } program)
        {
            throw ToolException.BadArguments("run needs a program: rdmacc run -n 4 -- program arguments");
        }

        using ILoggerFactory? loggers = Verbosity.Loggers(parsed);
        return Job.Run(
            new JobOptions
            {
                Command = program,
                Ranks = ranks,
                Transports = parsed.GetValue(Transports),
                Bind = parsed.GetValue(Bind) ?? BindMode.None,
                HostIdPerRank = parsed.GetValue(HostIdPerRank),
                Environment = parsed.GetValue(Variables) ?? [],
                Prefix = !parsed.GetValue(NoPrefix),
                Grace = parsed.GetValue(Grace) ?? TimeSpan.FromSeconds(2),
                Least = least,
                Restarts = least is null ? 0 : parsed.GetValue(Restarts) ?? 10,
            },
            loggers);
    }

    private static Option<Dictionary<string, string>?> MakeVariables() => new("--env")
    {
        Description = "Set a variable for all ranks. May be given several times.",
        HelpName = "NAME=VALUE",
        AllowMultipleArgumentsPerToken = false,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ParseVariables,
    };

    private static Dictionary<string, string>? ParseVariables(ArgumentResult result)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (Token token in result.Tokens)
        {
            int equals = token.Value.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                result.AddError($"--env {token.Value}: a variable is set as NAME=VALUE.");
                return null;
            }

            variables[token.Value[..equals]] = token.Value[(equals + 1)..];
        }

        return variables;
    }
}
