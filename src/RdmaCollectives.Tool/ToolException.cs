namespace RdmaCollectives.Tool;

/// <summary>Ends the tool: one line for the user, and the exit code.</summary>
internal sealed class ToolException(int exitCode, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public int ExitCode { get; } = exitCode;

    public static ToolException BadArguments(string message) => new(Tool.ExitCode.BadArguments, message);
}
