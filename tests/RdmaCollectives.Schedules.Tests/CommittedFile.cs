namespace RdmaCollectives.Schedules.Tests;

/// <summary>
/// A file in the repository that is made by code. A test compares; with the environment variable RDMACC_ACCEPT=1 it writes the file instead.
/// </summary>
internal static class CommittedFile
{
    private static bool Accepts => string.Equals(Environment.GetEnvironmentVariable("RDMACC_ACCEPT"), "1", StringComparison.Ordinal);

    /// <summary>The whole file is generated.</summary>
    public static void AssertEqual(string path, string generated)
    {
        string file = Path.Combine(Root(), path);
        if (Accepts)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, generated);
        }

        Assert.True(File.Exists(file), $"{path} is missing: run this test with RDMACC_ACCEPT=1 to write it");
        Assert.True(string.Equals(generated, File.ReadAllText(file), StringComparison.Ordinal), $"{path} is not what the code makes: run this test with RDMACC_ACCEPT=1, look at the change and commit it");
    }

    /// <summary>The part of the file between two marker comments is generated.</summary>
    public static void AssertPartEqual(string path, string marker, string generated)
    {
        string begin = $"<!-- {marker}: generated -->\n";
        string end = $"<!-- {marker}: end -->";
        string text = File.ReadAllText(Path.Combine(Root(), path));
        int from = text.IndexOf(begin, StringComparison.Ordinal);
        int to = text.IndexOf(end, StringComparison.Ordinal);
        Assert.True(from >= 0 && to > from, $"{path} lacks the lines '{begin.Trim()}' and '{end}'");
        AssertEqual(path, text[..(from + begin.Length)] + generated + text[to..]);
    }

    /// <summary>The folder of the repository.</summary>
    public static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "RdmaCollectives.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The test does not run from inside the repository, where the committed files are.");
    }
}
