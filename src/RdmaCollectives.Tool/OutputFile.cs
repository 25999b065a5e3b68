namespace RdmaCollectives.Tool;

/// <summary>The file that an option names.</summary>
internal static class OutputFile
{
    /// <exception cref="ToolException">It can't be written.</exception>
    public static StreamWriter Create(string option, string path) => new(Open(option, path, FileMode.Create));

    /// <summary>Finds out now whether the file can be written, and leaves what is in it.</summary>
    /// <exception cref="ToolException">It can't.</exception>
    public static void Check(string option, string? path)
    {
        if (path is not (null or "-"))
        {
            Open(option, path, FileMode.OpenOrCreate).Dispose();
        }
    }

    private static FileStream Open(string option, string path, FileMode mode)
    {
        try
        {
            return new FileStream(path, mode, FileAccess.Write, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ToolException(ExitCode.BadArguments, $"{option} {path}: {e.Message} Name a file that can be written.", e);
        }
    }
}
