using System.Text.Json;
using System.Xml.Linq;
using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Tests;

/// <summary><c>rdmacc perf all</c> with real ranks.</summary>
public class PerfReportTests
{
    [Fact]
    public void All_TwoTransports_EveryCollectiveIsExactAndInTheReport()
    {
        using var json = new TemporaryFile(".jsonl");
        using var html = new TemporaryFile(".html");
        ToolResult run = RunningTool.Run("perf", "all", "--ranks", "3", "--transports", "shm,tcp", "-b", "4K", "-e", "4K", "-n", "3", "-w", "1", "--root", "2", "--json", json.Path, "--html", html.Path);
        Assert.True(run.ExitCode == 0, run.ToString());

        JsonElement[] results = [.. File.ReadLines(json.Path).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(
            from transport in (string[])["shm", "tcp"] from name in PerfCollectives.Names select (name, transport),
            results.Select(result => (result.GetProperty("collective").GetString()!, result.GetProperty("transport").GetString()!)));
        foreach (JsonElement result in results)
        {
            PerfCollective collective = PerfCollectives.Find(result.GetProperty("collective").GetString()!)!;
            long bytes = result.GetProperty("bytes").GetInt64();
            Assert.Equal(0, result.GetProperty("wrong").GetInt64());
            Assert.Equal("auto", result.GetProperty("algorithm").GetString());
            Assert.Equal(collective.IsReducing ? "sum" : "none", result.GetProperty("op").GetString());
            Assert.Equal(bytes, result.GetProperty("elements").GetInt64() * 4 * collective.Parts(3));
            Assert.Equal(result.GetProperty("algbwGBps").GetDouble() * collective.BusFactor(3), result.GetProperty("busbwGBps").GetDouble(), 1e-12);
        }

        string page = File.ReadAllText(html.Path);
        XElement[] sections = [.. XElement.Parse(page[page.IndexOf("<html", StringComparison.Ordinal)..]).Descendants("section")];
        Assert.Equal(PerfCollectives.Names, sections.Select(section => (string?)section.Attribute("id")), StringComparer.Ordinal);
        Assert.All(sections.SelectMany(section => section.Descendants("figure")), figure => Assert.Equal(2, figure.Descendants().Count(element => ((string?)element.Attribute("class"))?.StartsWith("series", StringComparison.Ordinal) == true)));
        Assert.Contains("rdmacc perf all --ranks 3", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Algorithms_All_EachIsMeasuredOrSaysWhyNot()
    {
        using var json = new TemporaryFile(".jsonl");
        ToolResult run = RunningTool.Run("perf", "all", "--collectives", "reduce,barrier", "--algorithms", "all", "--bit-exact", "--ranks", "2", "--transport", "shm", "-b", "64", "-e", "64", "-n", "3", "-w", "1", "--json", json.Path);
        Assert.True(run.ExitCode == 0, run.ToString());
        string[] measured = [.. File.ReadLines(json.Path).Select(line => JsonDocument.Parse(line).RootElement).Select(result => $"{result.GetProperty("collective").GetString()}/{result.GetProperty("algorithm").GetString()}")];
        Assert.Contains("reduce/fixed-tree", measured, StringComparer.Ordinal);
        Assert.DoesNotContain("reduce/ring", measured, StringComparer.Ordinal);
        Assert.Contains("barrier/dissemination", measured, StringComparer.Ordinal);
        Assert.Contains("# not measured: Reduce cannot run by 'ring' here: it does not reduce in the fixed tree", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("reduce", "--op premulsum -d float8e4m3 --root 1", "premulsum")]
    [InlineData("reduce_scatter", "--op bxor -d int16 --algorithm halving", "bxor")]
    [InlineData("all_reduce", "--bit-exact -d half --algorithm tree", "sum")]
    [InlineData("group", "-d int64 --buffers allocate", "sum")]
    [InlineData("gather", "--root 1 --buffers allocate", "none")]
    public void Collective_WithOptions_IsExact(string collective, string options, string op)
    {
        ToolResult run = RunningTool.Run(["perf", collective, .. options.Split(' '), "--ranks", "2", "--transport", "shm", "-b", "1K", "-e", "1K", "-n", "3", "-w", "1", "--json", "-"]);
        Assert.True(run.ExitCode == 0, run.ToString());
        foreach (JsonElement result in run.OutputLines.Select(line => JsonDocument.Parse(line).RootElement))
        {
            Assert.Equal((collective, op, 0), (result.GetProperty("collective").GetString(), result.GetProperty("op").GetString(), result.GetProperty("wrong").GetInt32()));
        }

        Assert.Equal(2, run.OutputLines.Length);
    }

    [Fact]
    public void Algorithm_OfTheUsersOwnFile_IsMeasuredByItsName()
    {
        using var file = new TemporaryFile(".json");
        File.WriteAllText(file.Path, RunningTool.Run("schedule", "show", "all_reduce/ring", "--ranks", "2", "--json").Output.Replace("\"name\": \"ring\"", "\"name\": \"mine\"", StringComparison.Ordinal));
        (string, string)[] environment = [("RDMACC_SCHEDULES", file.Path)];

        ToolResult run = RunningTool.Run(environment, "perf", "all_reduce", "--algorithm", "mine", "--ranks", "2", "--transport", "shm", "-b", "1K", "-e", "1K", "-n", "3", "-w", "1", "--in-place", "no", "--json", "-");
        Assert.True(run.ExitCode == 0, run.ToString());
        JsonElement result = JsonDocument.Parse(Assert.Single(run.OutputLines)).RootElement;
        Assert.Equal(("mine", 0), (result.GetProperty("algorithm").GetString(), result.GetProperty("wrong").GetInt32()));

        ToolResult wrongRanks = RunningTool.Run(environment, "perf", "all_reduce", "--algorithm", "mine", "--ranks", "3", "--transport", "shm");
        Assert.Equal(2, wrongRanks.ExitCode);
        Assert.Contains("all_reduce --algorithm mine: it does not run with 3 ranks on one host.", Assert.Single(wrongRanks.ErrorLines), StringComparison.Ordinal);

        ToolResult wrongName = RunningTool.Run(environment, "perf", "all_reduce", "--algorithm", "mien", "--ranks", "2");
        Assert.Equal(2, wrongName.ExitCode);
        Assert.Contains("Did you mean mine?", Assert.Single(wrongName.ErrorLines), StringComparison.Ordinal);
    }
}
