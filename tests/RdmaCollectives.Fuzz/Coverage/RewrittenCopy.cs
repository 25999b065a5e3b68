namespace RdmaCollectives.Fuzz.Coverage;

/// <summary>A copy of this program beside it, whose assemblies of the library count what runs.</summary>
internal static class RewrittenCopy
{
    private static readonly string[] s_rewritten = ["RdmaCollectives.dll", "RdmaCollectives.Schedules.dll", "rdmacc.dll"];

    /// <summary>Returns the path of the copy's program.</summary>
    public static string Make()
    {
        string source = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        string target = Path.Combine(source, "coverage");
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        foreach (string file in Directory.GetFiles(source, "*", SearchOption.AllDirectories).Where(file => !file.StartsWith(target + "/", StringComparison.Ordinal)).ToArray())
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        foreach (string name in s_rewritten)
        {
            Instrumenter.Rewrite(Path.Combine(target, name));
        }

        return Path.Combine(target, Path.GetFileName(Environment.ProcessPath!));
    }
}
