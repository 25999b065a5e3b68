using RdmaCollectives.Configuration;

namespace RdmaCollectives.Tests.Options;

public sealed class ConfigurationDocumentTests
{
    private const string Begin = "<!-- options: written by ConfigurationDocumentTests -->\n";
    private const string End = "<!-- end of options -->\n";

    /// <summary>With ACCEPT_DOCS=1 in the environment the table is written anew instead.</summary>
    [Fact]
    public void Document_Table_IsThatOfTheDefinitions()
    {
        string path = FindDocument();
        string text = File.ReadAllText(path);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, $"{path} has lost its two marks.");
        if (Environment.GetEnvironmentVariable("ACCEPT_DOCS") == "1")
        {
            File.WriteAllText(path, text[..begin] + OptionsDocument.Table() + text[end..]);
            return;
        }

        Assert.True(text[begin..end] == OptionsDocument.Table(), $"The table in {path} is not that of OptionTable. Run this test once with ACCEPT_DOCS=1.");
    }

    private static string FindDocument()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "docs", "configuration.md");
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException("docs/configuration.md is not above the test's folder.");
    }
}
