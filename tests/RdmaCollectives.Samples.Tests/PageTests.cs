using System.Text.RegularExpressions;

namespace RdmaCollectives.Samples.Tests;

/// <summary>Programs that the pages show are the samples, to the letter: a block follows a comment that names the sample's file.</summary>
public sealed partial class PageTests
{
    private static readonly string Root = FindRoot();

    public static TheoryData<string, int> Pages => new() { { "README.md", 1 }, { "docs/quick-start.md", 2 } };

    [Theory, MemberData(nameof(Pages))]
    public void Programs_OfAPage_AreTheSamples(string page, int programCount)
    {
        string text = File.ReadAllText(Path.Combine(Root, page));
        MatchCollection programs = Program().Matches(text);

        Assert.Equal(programCount, programs.Count);
        Assert.Equal(programCount, WholeProgram().Count(text));
        Assert.All(programs, program => Assert.Equal(File.ReadAllText(Path.Combine(Root, program.Groups["file"].Value)), program.Groups["text"].Value));
    }

    [Fact]
    public void TestCommand_OfTheReadme_IsWhatCiCalls()
    {
        const string command = "./build.sh --target=Test";

        Assert.Contains($"    {command} ", File.ReadAllText(Path.Combine(Root, "README.md")), StringComparison.Ordinal);
        Assert.Contains($"\n{command} ", File.ReadAllText(Path.Combine(Root, ".ci/run")), StringComparison.Ordinal);
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RdmaCollectives.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"There is no RdmaCollectives.sln above {AppContext.BaseDirectory}: run the tests from the checkout that built them.");
    }

    [GeneratedRegex(@"<!-- (?<file>docs/samples/\S+) -->\n```\w+\n(?<text>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Program();

    /// <summary>A block that begins as a whole program does, so that none escapes the comparison for want of a comment.</summary>
    [GeneratedRegex(@"^```\w+\n(using RdmaCollectives;|module )", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex WholeProgram();
}
