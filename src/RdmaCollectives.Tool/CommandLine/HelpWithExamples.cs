using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RdmaCollectives.Tool.CommandLine;

/// <summary>The usual help, then examples, then the exit codes.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        // 'rdmacc perf' takes a collective or a command, never both.
        foreach (Argument argument in parseResult.CommandResult.Command.Parents.OfType<Command>().SelectMany(parent => parent.Arguments))
        {
            argument.Hidden = true;
        }

        int code = help.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (Examples.Of(parseResult.CommandResult.Command.Name) is { } examples)
        {
            output.WriteLine("Examples:");
            output.WriteLine(examples);
            output.WriteLine();
        }

        output.WriteLine(ExitCode.Help);
        return code;
    }
}
