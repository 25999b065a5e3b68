using System.CommandLine;
using System.CommandLine.Parsing;

namespace RdmaCollectives.Tool.CommandLine;

/// <summary>What is wrong with a command line: one line, and where to read on.</summary>
internal static class UsageError
{
    public static string InOneLine(ParseResult parsed)
    {
        string command = PathOf(parsed.CommandResult);
        string[] unknown = [.. parsed.UnmatchedTokens];
        // An unknown option in the place of an argument is the mistake, and what follows it only its consequence.
        string? misplaced = parsed.Errors.FirstOrDefault(error => error.SymbolResult is ArgumentResult { Parent: CommandResult })?.Message;
        string error = misplaced ?? (unknown.Length > 0 ? Unknown(unknown[0], parsed.CommandResult.Command)
            : parsed.CommandResult.Command is { Subcommands.Count: > 0, Action: null } group ? $"{NameOf(group)} needs a command: {string.Join(", ", group.Subcommands.Select(subcommand => subcommand.Name))}."
            : parsed.Errors[0].Message);
        return $"{error} ('{command} --help' shows what there is)";
    }

    /// <summary>What a word is not, and the nearest that there is.</summary>
    public static string Unknown(string word, Command command)
    {
        bool isOption = word.StartsWith('-');
        IEnumerable<string> known = isOption
            ? command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(option => option.Recursive))).Select(option => option.Name)
            : command.Subcommands.Select(subcommand => subcommand.Name);
        string kind = isOption ? "option" : command is { Subcommands.Count: > 0, Action: null } ? "command" : "argument";
        return $"'{word}' is not an {kind} of {NameOf(command)}.{Suggestion.For(word, known)}".Replace("an command", "a command", StringComparison.Ordinal);
    }

    /// <summary>The root is named after the assembly, and the user calls it by the name of the program.</summary>
    private static string NameOf(Command command) => command is RootCommand ? "rdmacc" : command.Name;

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : "rdmacc";
}
