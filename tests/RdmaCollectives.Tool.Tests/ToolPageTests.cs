using RdmaCollectives.Tool.Perf;
using RdmaCollectives.Tool.RawPerf;

namespace RdmaCollectives.Tool.Tests;

/// <summary>docs/tool.md says what the tool does.</summary>
public class ToolPageTests
{
    [Fact]
    public void Table_OfCollectives_IsThatOfTheTool()
    {
        string[] rows = [.. File.ReadLines(RepositoryFile.Find("docs/tool.md")).SkipWhile(line => line != "| collective | what | busbw / algbw |").Skip(2).TakeWhile(line => line.StartsWith('|'))];
        Assert.Equal(PerfCollectives.All.Select(collective => $"| `{collective.Name}` | {collective.Summary} | {collective.BusFormula} |"), rows, StringComparer.Ordinal);
    }

    [Fact]
    public void Table_OfRawTests_IsThatOfTheTool()
    {
        string[] rows = [.. File.ReadLines(RepositoryFile.Find("docs/tool.md")).SkipWhile(line => line != "| test | what |").Skip(2).TakeWhile(line => line.StartsWith('|'))];
        Assert.Equal(RawTest.All.Select(test => $"| `{test.Name}` | {test.Summary} |"), rows, StringComparer.Ordinal);
    }

    [Fact]
    public void Commands_AreThoseOfTheTool()
    {
        string page = File.ReadAllText(RepositoryFile.Find("docs/tool.md"));
        Assert.All(CommandLine.RootOfCommands.Make().Subcommands, command => Assert.Contains($"| `rdmacc {command.Name}` |", page, StringComparison.Ordinal));
    }
}
