using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool;

/// <summary>What the user sees of an error: the message, which names value, limit and remedy. The stack is for <c>--verbose</c>.</summary>
internal static class Failure
{
    /// <summary>Anything else is a defect of the tool, and shows its stack.</summary>
    public static bool IsExpected(Exception error) => error
        is ToolException or CollectiveException or VerbsException or ArgumentException or IOException or UnauthorizedAccessException or PlatformNotSupportedException or OutOfMemoryException;

    public static int Report(Exception error, bool verbose)
    {
        Console.Error.WriteLine($"rdmacc: {Message(error)}");
        if (verbose && error is not ToolException)
        {
            Console.Error.WriteLine(error);
        }

        return error switch
        {
            ToolException tool => tool.ExitCode,
            ArgumentException => ExitCode.BadArguments,
            PlatformNotSupportedException => ExitCode.NotSupported,
            _ => ExitCode.Failed,
        };
    }

    public static string Message(Exception error) => error switch
    {
        OutOfMemoryException => "There is not enough memory for the buffers: end with a smaller size (-e), or start fewer ranks.",
        ArgumentException { ParamName: { } parameter } => error.Message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal), // the user has no parameters
        _ => error.Message,
    };
}
