using System.Text.RegularExpressions;

namespace RdmaCollectives.Architecture.Tests;

/// <summary>Every link in a page that points into the repository leads somewhere: the file is there, and so is the heading.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Pages => [.. Repository.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Pages))]
    public void Links_OfAPage_LeadSomewhere(string page) => Assert.Empty(DeadLinks(page, Repository.Read(page)));

    [Fact]
    public void Pages_OfDocs_AreReachedFromTheIndex()
    {
        var index = Repository.Read("docs/README.md");
        var pages = Repository.Files.Where(file => PageOfDocs().IsMatch(file) && file != "docs/README.md").Select(file => file["docs/".Length..]);

        Assert.All(pages, page => Assert.Contains($"({page})", index, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[a](architecture.md)", true)]
    [InlineData("[a](architecture.md#layers)", true)]
    [InlineData("[a](adr/)", true)]
    [InlineData("[a](../LICENSE)", true)]
    [InlineData("# A heading, `code`\n[a](#a-heading-code)", true)]
    [InlineData("[a](https://dot.net/download)", true)]
    [InlineData("`[a](nowhere.md)`", true)]
    [InlineData("```\n[a](nowhere.md)\n```", true)]
    [InlineData("[a](nowhere.md)", false)]
    [InlineData("![a](nowhere.svg)", false)]
    [InlineData("[a](architecture.md#nowhere)", false)]
    [InlineData("[a](#nowhere)", false)]
    [InlineData("[a](../../outside.md)", false)]
    [InlineData("[a]: nowhere.md", false)]
    public void DeadLinks_OfAText_AreFound(string text, bool isAlive) => Assert.Equal(isAlive, !DeadLinks("docs/page.md", text).Any());

    private static IEnumerable<string> DeadLinks(string page, string text)
    {
        var folder = Path.Combine(Repository.Root, Path.GetDirectoryName(page)!);
        return from match in Link().Matches(Code().Replace(text, ""))
               let target = match.Groups["target"].Value
               where !target.Contains(':', StringComparison.Ordinal)
               let parts = target.Split('#')
               let path = Path.GetFullPath(Path.Combine(folder, parts[0]))
               let heading = parts.Length > 1 ? parts[1] : null
               let isThere = parts[0].Length == 0 || (IsInside(path) && Path.Exists(path))
               where !isThere || (heading is not null && !Headings(parts[0].Length == 0 ? text : File.ReadAllText(path)).Contains(heading))
               select $"{page} links to {target}";
    }

    private static bool IsInside(string path) => path.StartsWith(Repository.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The names that a forge gives to headings: lower case, spaces as hyphens, punctuation left out.</summary>
    private static HashSet<string> Headings(string text) =>
        [.. Heading().Matches(FencedCode().Replace(text, "")).Select(match => NotInHeading().Replace(match.Groups["words"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(@"^docs/(?:adr/)?[^/]+\.md$")]
    private static partial Regex PageOfDocs();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)[^)]*\)|^\[[^\]]+\]:\s*(?<target>\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencedCode();

    [GeneratedRegex(@"^#{1,6} (?<words>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInHeading();
}
