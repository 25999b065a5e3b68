namespace RdmaCollectives.Tool.Perf;

/// <summary>The file of <c>--json</c>.</summary>
internal static class JsonFile
{
    /// <exception cref="ToolException">It can't be written.</exception>
    public static StreamWriter Create(string path)
    {
        try
        {
            return new StreamWriter(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ToolException(ExitCode.BadArguments, $"--json {path}: {e.Message} Name a file that can be written, or - for standard output.", e);
        }
    }
}
