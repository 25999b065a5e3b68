using System.Text.Json;
using System.Xml.Linq;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Tool.Tests;

public class ScheduleTests
{
    [Fact]
    public void List_NamesEveryScheduleOfTheLibrary()
    {
        ToolResult run = RunningTool.Run("schedule", "list", "--ranks", "4");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        string[] names = [.. run.OutputLines.Select(Words).Where(words => words.Length > 1 && words[0].Contains('/', StringComparison.Ordinal)).Select(words => words[0])];
        Assert.Equal(ScheduleCatalog.All.Count, names.Length);
        Assert.Contains("all_reduce/ring", names, StringComparer.Ordinal);
        Assert.Equal(names.Length, names.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Show_OfTheLibrary_PrintsTheStepsOfEachRank()
    {
        ToolResult run = RunningTool.Run("schedule", "show", "broadcast/direct", "--ranks", "3", "--root", "1");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("# broadcast/direct, 3 ranks, root 1: chunks ", run.OutputLines[0], StringComparison.Ordinal);
        Assert.Equal<string>(["rank 0", "rank 1", "rank 2"], run.OutputLines.Where(line => line.StartsWith("rank", StringComparison.Ordinal)), StringComparer.Ordinal);
        Assert.Contains("ch0 Receive Output[0] <- 1", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Show_Json_IsAFileThatVerifyAndDrawTake()
    {
        using var file = new TemporaryFile(".json");
        using var picture = new TemporaryFile(".svg");
        File.WriteAllText(file.Path, RunningTool.Run("schedule", "show", "all_reduce/ring", "--ranks", "3", "--json").Output);
        Assert.Equal("ring", JsonDocument.Parse(File.ReadAllText(file.Path)).RootElement.GetProperty("name").GetString());

        ToolResult verified = RunningTool.Run("schedule", "verify", file.Path);
        Assert.Equal((0, ""), (verified.ExitCode, verified.Error));
        string[] row = Words(Assert.Single(verified.OutputLines, line => line.Contains(file.Path, StringComparison.Ordinal)));
        Assert.Equal([file.Path, "3", "ranks", "exactly"], row[..4]);

        ToolResult drawn = RunningTool.Run("schedule", "draw", file.Path, "-o", picture.Path);
        Assert.Equal((0, "", ""), (drawn.ExitCode, drawn.Output, drawn.Error));
        Assert.Equal("svg", XElement.Load(picture.Path).Name.LocalName);
        Assert.Equal(File.ReadAllText(picture.Path), RunningTool.Run("schedule", "draw", file.Path).Output);
    }

    [Fact]
    public void Verify_BeyondTheExactLimit_SaysByFingerprint() =>
        Assert.Contains("by fingerprint", RunningTool.Run("schedule", "verify", "barrier/tree", "--ranks", "100").Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"kind\": \"Send\"", "\"kind\": \"Sent\"", "breaks the rule json: line ", "\"Sent\" is not one of Send, Receive,")]
    [InlineData("\"isFinal\": true", "\"isFinal\": false", "breaks the rule final: ring, ", "step")]
    [InlineData("{ \"kind\": \"Send\", \"chunk\": 1, \"to\": 1 },", "", "breaks the rule ", "rank 1")]
    public void Verify_Broken_OneLineWithRuleRankAndRemedy(string find, string replace, string rule, string detail)
    {
        using var file = new TemporaryFile(".json");
        string text = RunningTool.Run("schedule", "show", "all_reduce/ring", "--ranks", "2", "--json").Output;
        int at = text.IndexOf(find, StringComparison.Ordinal);
        Assert.True(at >= 0, text);
        File.WriteAllText(file.Path, string.Concat(text.AsSpan(0, at), replace, text.AsSpan(at + find.Length)));
        foreach (string command in (string[])["verify", "draw"])
        {
            ToolResult run = RunningTool.Run("schedule", command, file.Path);
            Assert.True((run.ExitCode, run.Output) == (1, ""), run.ToString());
            string line = Assert.Single(run.ErrorLines);
            Assert.StartsWith($"rdmacc: {file.Path} {rule}", line, StringComparison.Ordinal);
            Assert.Contains(detail, line, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("verify", "schedule verify needs a schedule: a JSON file, or one of the library as all_reduce/ring")]
    [InlineData("verify all_reduce/rng", "all_reduce/rng: there is neither such a file nor such a schedule; 'rdmacc schedule list' shows those of the library. Did you mean all_reduce/ring?")]
    [InlineData("verify /tmp", "/tmp")]
    [InlineData("show broadcast/tree --ranks 4 --root 4", "--root 4: the ranks are 0 to 3.")]
    [InlineData("show broadcast/tree --ranks 5 --local-ranks 2", "--local-ranks 2: each host has as many, so it must divide the 5 ranks.")]
    [InlineData("list --ranks 5 --local-ranks 2", "--local-ranks 2: each host has as many, so it must divide the 5 ranks.")]
    [InlineData("show all_reduce/ring --channels 257", "--channels 257: allowed are 1 to 256.")]
    [InlineData("draw all_reduce/direct --ranks 2000", "steps are too many for a picture; at most 20000 are drawn.")]
    [InlineData("draw all_reduce/ring -o /nonexistent/x.svg", "--output /nonexistent/x.svg:")]
    [InlineData("", "schedule needs a command: list, show, verify, draw.")]
    [InlineData("verfy", "'verfy' is not a command of schedule. Did you mean verify?")]
    public void Arguments_Wrong_OneLineThatNamesTheRemedy(string arguments, string expected)
    {
        ToolResult run = RunningTool.Run(["schedule", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.True((run.ExitCode, run.Output) == (2, ""), run.ToString());
        Assert.Contains(expected, Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
