using RdmaCollectives.Tool.Doctor;
using RdmaCollectives.Tool.Doctor.Comparisons;
using RdmaCollectives.Tool.Perf;
using RdmaCollectives.Tool.RawPerf;

namespace RdmaCollectives.Tool.Tests;

/// <summary>docs/tool.md and docs/doctor.md say what the tool does.</summary>
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
    public void Table_OfChecks_IsThatOfTheDoctor()
    {
        string[] rows = [.. File.ReadLines(RepositoryFile.Find("docs/doctor.md")).SkipWhile(line => !line.StartsWith("| check | what it looks at |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))];
        Assert.Equal(CheckList.All.Select(check => $"| `{check.Name}` | {check.Summary} |"), rows.Select(row => string.Join('|', row.Split('|')[..3]) + "|"), StringComparer.Ordinal);
    }

    [Fact]
    public void Table_OfComparisons_IsThatOfTheDoctor()
    {
        string[] rows = [.. File.ReadLines(RepositoryFile.Find("docs/doctor.md")).SkipWhile(line => !line.StartsWith("| comparison | what it compares |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))];
        Assert.Equal(ComparisonList.All.Select(comparison => $"| `{comparison.Name}` | {comparison.Summary} |"), rows.Select(row => string.Join('|', row.Split('|')[..3]) + "|"), StringComparer.Ordinal);
    }

    [Fact]
    public void Commands_AreThoseOfTheTool()
    {
        string page = File.ReadAllText(RepositoryFile.Find("docs/tool.md"));
        Assert.All(CommandLine.RootOfCommands.Make().Subcommands, command => Assert.Contains($"| `rdmacc {command.Name}` |", page, StringComparison.Ordinal));
    }
}
