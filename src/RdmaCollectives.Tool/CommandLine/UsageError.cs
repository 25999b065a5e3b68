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
        string error = unknown.Length > 0 ? Unknown(unknown[0], parsed.CommandResult.Command)
            : parsed.CommandResult.Command is { Subcommands.Count: > 0 } group ? $"{NameOf(group)} needs a command: {string.Join(", ", group.Subcommands.Select(subcommand => subcommand.Name))}."
            : parsed.Errors[0].Message;
        return $"{error} ('{command} --help' shows what there is)";
    }

    private static string Unknown(string word, Command command)
    {
        bool isOption = word.StartsWith('-');
        IEnumerable<string> known = isOption
            ? command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(option => option.Recursive))).Select(option => option.Name)
            : command.Subcommands.Select(subcommand => subcommand.Name);
        string kind = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        return $"'{word}' is not an {kind} of {NameOf(command)}.{Suggestion.For(word, known)}".Replace("an command", "a command", StringComparison.Ordinal);
    }

    /// <summary>The root is named after the assembly, and the user calls it by the name of the program.</summary>
    private static string NameOf(Command command) => command is RootCommand ? "rdmacc" : command.Name;

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : "rdmacc";
}
