using System.Text.RegularExpressions;

namespace RdmaCollectives.Architecture.Tests;

/// <summary>Rules for what lies in the repository.</summary>
public sealed partial class FileTests
{
    private const int MaximumLines = 400;

    private static readonly string[] Folders = ["src", "native", "tests", "perf", "docs"];

    private static readonly (string What, Regex Pattern)[] Forbidden =
    [
        ("a path of somebody's machine", HomePath()),
        ("an address of a package feed", Feed()),
        ("unfinished work", Unfinished()),
        ("a swallowed error", EmptyCatch()),
        ("a registration for SIGCHLD, with which .NET 10 may wait for ever at its end (SignalInbox says how)", ChildSignal()),
    ];

    [Fact]
    public void Files_OfEveryFolder_AreShort()
    {
        var folders = Folders.Select(folder => folder + "/").ToList();
        // Lists that a tool writes are as long as what they list.
        var long_ = Repository.Files
            .Where(file => folders.Any(folder => file.StartsWith(folder, StringComparison.Ordinal)) && Path.GetFileName(file) != "PublicApi.txt")
            .Select(file => (file, lines: File.ReadLines(Path.Combine(Repository.Root, file)).Count()))
            .Where(pair => pair.lines > MaximumLines)
            .Select(pair => $"{pair.file}: {pair.lines} lines, at most {MaximumLines}: one concept a file");

        Assert.Empty(long_);
    }

    [Fact]
    public void Files_Everywhere_HoldNothingForbidden()
    {
        var found = from file in Repository.Files
                        // This file spells the patterns out.
                    where Path.GetFileName(file) != nameof(FileTests) + ".cs"
                    let text = Repository.Read(file)
                    from rule in Forbidden
                    from Match match in rule.Pattern.Matches(text)
                    select $"{file}:{text.AsSpan(0, match.Index).Count('\n') + 1}: {rule.What}: {match.Value}";

        Assert.Empty(found);
    }

    [Theory]
    [InlineData("see /home/ann/src", true)]
    [InlineData("see src/home/ann and https://host/home/ann", false)]
    [InlineData("x = 1; // TODO later", true)]
    [InlineData("throw new NotImplementedException();", true)]
    [InlineData("try { } catch (IOException e) when (e.HResult == 1)\n{\n}", true)]
    [InlineData("try { } catch (IOException) { /* the peer is gone: nothing to say */ }", false)]
    [InlineData("https://feed.example/v3/index.json", true)]
    [InlineData("PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Wake())", true)]
    [InlineData("PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Wake())", false)]
    public void Forbidden_InAText_IsFound(string text, bool expected) =>
        Assert.Equal(expected, Array.Exists(Forbidden, rule => rule.Pattern.IsMatch(text)));

    [Fact]
    public void Dependencies_OfTheProjects_AreExplained()
    {
        var used = PackageVersion().Matches(Repository.Read("Directory.Packages.props")).Select(match => match.Groups["name"].Value);
        var tools = ToolName().Matches(Repository.Read(".config/dotnet-tools.json")).Select(match => match.Groups["name"].Value);
        var downloads = PackageDownload().Matches(Repository.Read("src/Directory.Build.targets")).Select(match => match.Groups["name"].Value);
        var explained = ExplainedPackage().Matches(Repository.Read("docs/dependencies.md")).Select(match => match.Groups["name"].Value);

        Assert.Equal(used.Concat(tools).Concat(downloads).Order(StringComparer.OrdinalIgnoreCase), explained.Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public void Projects_OfEveryFolder_AreInTheSolution()
    {
        var solution = Repository.Read("RdmaCollectives.sln").Replace('\\', '/');

        Assert.All(Repository.Files.Where(file => file.EndsWith("proj", StringComparison.Ordinal)), project => Assert.Contains(project, solution, StringComparison.Ordinal));
    }

    [Fact]
    public void TestProjects_OfTheSolution_ArePlanned()
    {
        var plan = Repository.Read("tests/suites.json");
        var projects = Repository.Files.Where(file => file.EndsWith(".Tests.csproj", StringComparison.Ordinal)).Select(Path.GetFileNameWithoutExtension);

        Assert.All(projects, project => Assert.Contains($"\"project\": \"{project}\"", plan, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"<PrecompilerPackage>(?<name>[\w.]+)\.\$")]
    private static partial Regex PackageDownload();

    [GeneratedRegex(@"PosixSignal\.SIGCHLD")]
    private static partial Regex ChildSignal();

    [GeneratedRegex(@"(?<![\w./:-])/(?:home|Users|root|work)/\w[\w./-]*")]
    private static partial Regex HomePath();

    [GeneratedRegex(@"https?://[^\s""<>]+/(?:v3/index\.json|simple/?\b|api/npm)")]
    private static partial Regex Feed();

    [GeneratedRegex(@"\b(?:TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\bcatch\s*(?:\([^)]*\))?\s*(?:when\s*\((?:[^()]|\([^()]*\))*\))?\s*\{\s*\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex(@"<PackageVersion Include=""(?<name>[^""]+)""")]
    private static partial Regex PackageVersion();

    [GeneratedRegex(@"""(?<name>[\w.]+)"":\s*\{\s*""version""")]
    private static partial Regex ToolName();

    [GeneratedRegex(@"^\| `(?<name>[\w.]+)` \|", RegexOptions.Multiline)]
    private static partial Regex ExplainedPackage();
}
