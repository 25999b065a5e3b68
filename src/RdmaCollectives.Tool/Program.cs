using System.CommandLine;
using RdmaCollectives.Tool;
using RdmaCollectives.Tool.CommandLine;

if (!OperatingSystem.IsLinux())
{
    return Failure.Report(new PlatformNotSupportedException($"rdmacc runs on Linux only; this is {Environment.OSVersion}."), verbose: false);
}

// An argument that begins with @ is the program's own: no response files.
ParseResult parsed = RootOfCommands.Make().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Errors.Count > 0)
{
    return Failure.Report(ToolException.BadArguments(UsageError.InOneLine(parsed)), verbose: false);
}

try
{
    return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception error) when (Failure.IsExpected(error))
{
    return Failure.Report(error, parsed.GetValue(Verbosity.Option));
}
