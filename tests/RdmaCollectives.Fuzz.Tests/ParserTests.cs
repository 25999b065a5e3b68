using RdmaCollectives.Fuzz.Engine;
using RdmaCollectives.Fuzz.Parsers;

namespace RdmaCollectives.Fuzz.Tests;

/// <summary>Every parser of what arrives from elsewhere: the kept inputs, then new ones. The long form is <c>./build.sh --target=Fuzz</c>.</summary>
public sealed class ParserTests
{
    private const int Seed = 20261122;
    private const int Inputs = 4000;

    public static TheoryData<string> Parsers => [.. AllTargets.Names];

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Parser_OfMalformedInput_RefusesItInTheDeclaredWay(string parser)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {Seed}");
        using FuzzTarget target = AllTargets.Make(parser);
        var run = new FuzzRun(target, Seed, Corpus.Load(Corpus.Folder, parser));
        run.Run(Inputs);
        Assert.Equal("", string.Join('\n', run.Findings.Select(finding => $"{finding.What} in {Convert.ToHexStringLower(finding.Input)}")));
        Assert.True(run.Inputs >= Inputs);
        Assert.True(run.Accepted > 0 && run.Accepted < run.Inputs, $"{run.Accepted} of {run.Inputs} were taken: inputs that are all refused, or all taken, show nothing.");
    }

    [Fact]
    public void Corpus_OfEveryParser_IsThere()
    {
        string[] kept = [.. Directory.GetDirectories(Corpus.Folder).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];
        Assert.Equal<string[]>([.. AllTargets.Names.Order(StringComparer.Ordinal)], kept);
    }

    [Fact]
    public void Page_OfReliability_NamesEveryParser()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "RdmaCollectives.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new FileNotFoundException("The repository is not above this program.");
        }

        string page = File.ReadAllText(Path.Combine(folder, "docs", "reliability.md"));
        Assert.All(AllTargets.Names, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Run_OfTheSameSeed_FeedsTheSameInputs()
    {
        byte[][] first = InputsOf(7);
        Assert.True(first.Length >= 500);
        Assert.Equal(first, InputsOf(7));
        Assert.NotEqual(first, InputsOf(8));
    }

    private static byte[][] InputsOf(int seed)
    {
        using FuzzTarget target = AllTargets.Make("tcp-description");
        using var recorder = new RecordingTarget(target);
        new FuzzRun(recorder, seed, []).Run(500);
        return [.. recorder.Inputs];
    }
}
