using System.Text.Json;
using System.Text.Json.Nodes;

namespace RdmaCollectives.Tool.Tests.Inspect;

/// <summary>The command over files: what it takes, what it refuses, and what it writes.</summary>
public sealed class InspectCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rdmacc-inspect-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("", "is no dump of a flight recorder: it can't be read as one (line 1)")]
    [InlineData("null", "it holds nothing")]
    [InlineData("[]", "it can't be read as one")]
    [InlineData("{}", "it can't be read as one (line 1): JSON deserialization for type")]
    [InlineData("format=other", "its format is 'other'")]
    [InlineData("version=9", "its version is 9, and this tool reads 1")]
    [InlineData("rank=7", "its rank is 7 in a world of 2")]
    [InlineData("rank=-1", "its rank is -1 in a world of 2")]
    [InlineData("worldSize=0", "its world size is 0; allowed are 1 to 65536")]
    [InlineData("worldSize=2000000000", "its world size is 2000000000")]
    [InlineData("clock={\"nowNs\":-5,\"nowUtc\":\"2026-01-01T00:00:00Z\",\"offsets\":[]}", "its clock makes no sense")]
    [InlineData("clock={\"nowNs\":5,\"nowUtc\":\"2026-01-01T00:00:00Z\",\"offsets\":[{\"rank\":9,\"offsetNs\":0,\"roundTripNs\":0,\"measuredAtNs\":0}]}", "its clock makes no sense")]
    [InlineData("clock={\"nowNs\":5,\"nowUtc\":\"2026-01-01T00:00:00Z\",\"offsets\":[null]}", "its clock makes no sense")]
    [InlineData("operations=[null]", "a call in it is nothing")]
    [InlineData("operations=null", "it can't be read as one")]
    public void File_ThatIsNoDump_IsOneSentence(string change, string expected)
    {
        string path = Path.Combine(_directory, "bad.json");
        File.WriteAllText(path, Changed(change));
        ToolResult run = RunningTool.Run("inspect", path);
        Assert.True(run.ExitCode == 2, run.ToString());
        Assert.Empty(run.Output);
        string line = Assert.Single(run.ErrorLines);
        Assert.StartsWith($"rdmacc: {path} ", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("enteredNs", "-1")]
    [InlineData("enteredNs", "9000000000000000000")]
    [InlineData("endedNs", "1")]
    [InlineData("awaitedRank", "2")]
    [InlineData("waitedNs", "-7")]
    public void File_WithACallOutOfBounds_NamesTheCall(string field, string value)
    {
        JsonNode dump = JsonNode.Parse(new DumpBuilder(0, 2).Call(0, 900).ToJson())!;
        dump["operations"]![0]![field] = JsonNode.Parse(value);
        Assert.Contains("call 1 in it makes no sense", Refused(dump.ToJsonString()), StringComparison.Ordinal);
    }

    [Fact]
    public void File_TooDeepOrWithAFieldTwice_IsRefused()
    {
        Assert.Contains("depth", Refused("{\"x\":" + new string('[', 100)), StringComparison.Ordinal);
        Assert.Contains("Duplicate property", Refused("{\"format\":\"a\",\"format\":\"b\"}"), StringComparison.Ordinal);
    }

    [Fact]
    public void File_TooLarge_IsNotRead()
    {
        string path = Path.Combine(_directory, "large.json");
        using (FileStream file = File.Create(path))
        {
            file.SetLength(1L << 40); // takes no room
        }

        Assert.Contains("it has 1099511627776 bytes; a dump has at most 67108864", Assert.Single(RunningTool.Run("inspect", path).ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_Wrong_AreOneSentence()
    {
        Assert.Contains("inspect needs the files that the flight recorder wrote", Assert.Single(RunningTool.Run("inspect").ErrorLines), StringComparison.Ordinal);
        Assert.Contains($"{_directory}: there is no dump in this directory", Assert.Single(RunningTool.Run("inspect", _directory).ErrorLines), StringComparison.Ordinal);
        Assert.Contains("/no/such.json", Assert.Single(RunningTool.Run("inspect", "/no/such.json").ErrorLines), StringComparison.Ordinal);
        string first = Write("a.json", new DumpBuilder(1, 2)), second = Write("b.json", new DumpBuilder(1, 2));
        Assert.Contains($"{first} and {second} are both of rank 1 of one communicator", Assert.Single(RunningTool.Run("inspect", first, second).ErrorLines), StringComparison.Ordinal);
        Assert.Contains("--json /nonexistent/x.json", Assert.Single(RunningTool.Run("inspect", first, "--json", "/nonexistent/x.json").ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_ADirectory_SaysItInWordsAndAsJson()
    {
        for (int rank = 0; rank < 2; rank++)
        {
            Write($"rdmacc-job-0-rank{rank}.json", new DumpBuilder(rank, 3).Call(0, 900).Call(rank == 1 ? 5_000_000 : 1000, 6_000_000, awaited: 1 - rank, waited: 1000));
            Write($"rdmacc-job-1-rank{rank}.json", new DumpBuilder(rank, 2) { Communicator = "other" }.Call(0, 900));
        }

        string json = Path.Combine(_directory, "out.txt");
        ToolResult run = RunningTool.Run("inspect", _directory, "--timeline", "--json", json);
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Contains("late: Rank 1 entered #2 AllReduce(Float32, Sum, 4194304 elements = 16 MiB) 5.00 s after the first (rank 0); the others waited.", run.OutputLines, StringComparer.Ordinal);
        Assert.Contains(run.OutputLines, line => line.StartsWith("missing: There is no dump of rank 2:", StringComparison.Ordinal));
        Assert.Contains("+5.00 s, 1.00 s", run.Output, StringComparison.Ordinal);
        Assert.Contains("Nothing stands out", run.Output, StringComparison.Ordinal);
        JsonElement[] reports = [.. JsonDocument.Parse(File.ReadAllText(json)).RootElement.EnumerateArray()];
        Assert.Equal(2, reports.Length);
        JsonElement late = reports.SelectMany(report => report.GetProperty("findings").EnumerateArray()).Single(finding => finding.GetProperty("kind").GetString() == "late");
        Assert.Equal((1, 2), (late.GetProperty("ranks")[0].GetInt32(), late.GetProperty("sequence").GetInt32()));
        Assert.Equal(File.ReadAllText(json), RunningTool.Run("inspect", _directory, "--json", "-").Output);
    }

    private static string Changed(string change)
    {
        string[] words = change.Split('=', 2);
        if (words.Length == 1)
        {
            return change;
        }

        JsonNode dump = JsonNode.Parse(new DumpBuilder(0, 2).Call(0, 900).ToJson())!;
        dump[words[0]] = words[0] == "format" ? words[1] : JsonNode.Parse(words[1]);
        return dump.ToJsonString();
    }

    private string Refused(string text)
    {
        string path = Path.Combine(_directory, "refused.json");
        File.WriteAllText(path, text);
        ToolResult run = RunningTool.Run("inspect", path);
        Assert.True(run.ExitCode == 2, run.ToString());
        return Assert.Single(run.ErrorLines);
    }

    private string Write(string name, DumpBuilder dump)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, dump.ToJson());
        return path;
    }
}
