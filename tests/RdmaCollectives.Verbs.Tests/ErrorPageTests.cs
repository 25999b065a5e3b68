using System.Text;

namespace RdmaCollectives.Verbs.Tests;

/// <summary>The tables of docs/rdma-errors.md are those of the code.</summary>
public sealed class ErrorPageTests
{
    /// <summary>With ACCEPT_DOCS=1 in the environment the tables are written anew instead.</summary>
    [Fact]
    public void Page_Tables_AreThoseOfTheExplanations()
    {
        string path = FindPage();
        string text = File.ReadAllText(path);
        string expected = With(With(text, "statuses", Table(Enum.GetValues<CompletionStatus>().Select(status => ((int)status, status.Explain())))), "events", Table(Enum.GetValues<AsyncEventType>().Select(type => ((int)type, type.Explain()))));
        if (Environment.GetEnvironmentVariable("ACCEPT_DOCS") == "1")
        {
            File.WriteAllText(path, expected);
            return;
        }

        Assert.True(text == expected, $"The tables in {path} are not those of Explanations. Run this test once with ACCEPT_DOCS=1.");
    }

    private static string With(string text, string name, string table)
    {
        (string begin, string end) = ($"<!-- {name}: written by ErrorPageTests -->\n", $"<!-- end of {name} -->\n");
        int from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        int to = text.IndexOf(end, StringComparison.Ordinal);
        Assert.True(from >= begin.Length && to >= from, $"docs/rdma-errors.md has lost the marks of its {name}.");
        return text[..from] + table + text[to..];
    }

    private static string Table(IEnumerable<(int Value, Explanation Why)> rows)
    {
        var table = new StringBuilder("\n| | Name | Means | Usual causes | Do |\n|---|---|---|---|---|\n");
        foreach ((int value, Explanation why) in rows)
        {
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {value} | `{why.Name}` | {why.Meaning} | {why.Causes} | {why.Remedy} |\n");
        }

        return table.Append('\n').ToString();
    }

    private static string FindPage()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "docs", "rdma-errors.md");
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException("docs/rdma-errors.md is not above the test's folder.");
    }
}
