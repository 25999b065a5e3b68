using System.Text.Json;
using RdmaCollectives.Tool.Perf;
using RdmaCollectives.Tool.RawPerf;

namespace RdmaCollectives.Tool.Tests;

public class PerfTests
{
    private static readonly string[] Fields =
        ["collective", "bytes", "elements", "dtype", "op", "ranks", "transport", "algorithm", "inPlace", "timeUs", "warmups", "algbwGBps", "busbwGBps", "wrong"];

    private static readonly string[] Times = ["first", "min", "median", "p99", "max"];

    [Theory]
    [InlineData("shm", 2, "float", "sum", "array")]
    [InlineData("tcp", 2, "int32", "max", "array")]
    [InlineData("shm", 3, "bfloat16", "avg", "allocate")]
    public void AllReduce_SmallSizes_JsonSaysWhatWasMeasured(string transport, int ranks, string type, string op, string buffers)
    {
        ToolResult run = RunningTool.Run("perf", "all_reduce", "--ranks", $"{ranks}", "--transport", transport, "-b", "8", "-e", "4K", "-f", "8", "-n", "7", "-w", "3",
            "-d", type, "-o", op, "--buffers", buffers, "--json", "-");
        Assert.True(run.ExitCode == 0, run.ToString());

        JsonElement[] results = [.. run.OutputLines.Select(line => JsonDocument.Parse(line).RootElement)];
        long[] sizes = [8, 64, 512, 4096];
        Assert.Equal(sizes.SelectMany(size => new[] { (size, false), (size, true) }), results.Select(result => (result.GetProperty("bytes").GetInt64(), result.GetProperty("inPlace").GetBoolean())));
        foreach (JsonElement result in results)
        {
            Assert.Equal<string>(Fields, result.EnumerateObject().Select(field => field.Name), StringComparer.Ordinal);
            Assert.Equal("all_reduce", result.GetProperty("collective").GetString());
            Assert.Equal((type, op, ranks, transport), (result.GetProperty("dtype").GetString(), result.GetProperty("op").GetString(), result.GetProperty("ranks").GetInt32(), result.GetProperty("transport").GetString()));
            Assert.Equal(result.GetProperty("bytes").GetInt64(), result.GetProperty("elements").GetInt64() * (type == "bfloat16" ? 2 : 4));
            Assert.Equal(0, result.GetProperty("wrong").GetInt64());
            Assert.True(result.GetProperty("warmups").GetInt64() >= 3);
            AssertTimes(result, ranks);
        }
    }

    [Fact]
    public void AllReduce_ForPeople_HasTheColumnsOfNcclTests()
    {
        ToolResult run = RunningTool.Run("perf", "all_reduce", "--ranks", "2", "--transport", "shm", "-b", "1K", "-e", "2K", "-n", "3");
        Assert.True(run.ExitCode == 0, run.ToString());
        string[] lines = run.OutputLines;
        Assert.StartsWith("# rdmacc ", lines[0], StringComparison.Ordinal);
        Assert.Contains("all_reduce, float, sum, 2 ranks", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("# rank 0: shm to rank 1 (", lines[1], StringComparison.Ordinal);
        string[] columns = ["time", "algbw", "busbw", "#wrong"];
        int heading = Array.FindIndex(lines, line => line.Contains("redop", StringComparison.Ordinal));
        Assert.Equal(["size", "count", "type", "redop", .. columns, .. columns], Words(lines[heading]));
        Assert.Equal(["out-of-place", "in-place"], Words(lines[heading - 1]));
        string[][] rows = [.. lines[(heading + 2)..^1].Select(Words)];
        Assert.Equal<string>(["1024", "2048"], rows.Select(row => row[0]), StringComparer.Ordinal);
        Assert.All(rows, row => Assert.Equal(("float", "sum", "0", "0"), (row[2], row[3], row[7], row[11])));
        Assert.StartsWith("# 2 sizes, 0 wrong; average busbw ", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public void AllReduce_OneRank_NeedsNoTransport()
    {
        ToolResult run = RunningTool.Run("perf", "all_reduce", "--ranks", "1", "-e", "64", "-n", "3", "--json", "-", "--in-place", "no");
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.All(run.OutputLines, line => Assert.Equal("none", JsonDocument.Parse(line).RootElement.GetProperty("transport").GetString()));
        Assert.Equal(4, run.OutputLines.Length);
    }

    [Fact]
    public void AllReduce_UnderALauncher_IsOneOfItsRanks()
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.jsonl");
        try
        {
            ToolResult run = RunningTool.Run("run", "-n", "3", "--host-id-per-rank", "--", RunningTool.Path, "perf", "all_reduce", "-b", "1K", "-e", "1K", "-i", "1K", "-n", "3", "--check", "0", "--json", file);
            Assert.True(run.ExitCode == 0, run.ToString());
            JsonElement result = JsonDocument.Parse(File.ReadAllLines(file)[0]).RootElement;
            Assert.Equal((3, JsonValueKind.Null), (result.GetProperty("ranks").GetInt32(), result.GetProperty("wrong").ValueKind));
            Assert.Equal("tcp", result.GetProperty("transport").GetString()); // three hosts, as far as the ranks know, and no RDMA was asked for
            Assert.Contains("[0] # 1 size, results not checked", run.Output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void AllReduce_LauncherStartedOtherNumber_IsABadArgument()
    {
        ToolResult run = RunningTool.Run("run", "-n", "2", "--", RunningTool.Path, "perf", "all_reduce", "--ranks", "3");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--ranks 3: the launcher has started 2.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void All_TransportsUnderALauncher_IsABadArgument()
    {
        ToolResult run = RunningTool.Run("run", "-n", "1", "--", RunningTool.Path, "perf", "all", "--transports", "shm,tcp");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--transports shm,tcp: ranks that a launcher has started stay as they are.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AllReduce_RankKilledInTheMiddle_OthersNameIt()
    {
        string tool = RunningTool.Path;
        using RunningTool run = RunningTool.Start("run", "-n", "3", "--grace", "30", "--", "sh", "-c", $"echo pid $$; exec {tool} perf all_reduce --transport shm -b 1M -e 1M -n 1000000");
        int victim = int.Parse(run.WaitForLine("[2] pid "));
        run.WaitForLine("[0] # time");
        Thread.Sleep(1000);
        RunningTool.Kill(victim, 9);
        ToolResult result = run.WaitForEnd();
        Assert.Equal(137, result.ExitCode);
        string expected = $"Rank 2 (process {victim} on {Environment.MachineName}) died: it was killed by signal 9 (SIGKILL)";
        Assert.Contains(result.ErrorLines, line => line.StartsWith($"[0] rdmacc: {expected}", StringComparison.Ordinal));
        Assert.Contains(result.ErrorLines, line => line.StartsWith($"[1] rdmacc: {expected}", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void List_NamesTheCollectivesAndTheirAlgorithms()
    {
        ToolResult run = RunningTool.Run("perf", "--list");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal([.. PerfCollectives.Names, "Raw", .. RawTest.All.Select(test => test.Name)], run.OutputLines.Where(line => line[0] != ' ').Select(line => Words(line)[0]), StringComparer.Ordinal);
        Assert.Contains("  algorithms: ring, ", run.OutputLines[1], StringComparison.Ordinal);
    }

    private static void AssertTimes(JsonElement result, int ranks)
    {
        JsonElement times = result.GetProperty("timeUs");
        Assert.Equal<string>(Times, times.EnumerateObject().Select(field => field.Name), StringComparer.Ordinal);
        double[] ascending = [.. Times[1..].Select(name => times.GetProperty(name).GetDouble())];
        Assert.Equal(ascending.Order(), ascending);
        Assert.True(ascending[0] > 0);
        Assert.True(times.GetProperty("first").GetDouble() > 0);
        double algbw = result.GetProperty("bytes").GetInt64() / times.GetProperty("median").GetDouble() / 1000;
        Assert.Equal(algbw, result.GetProperty("algbwGBps").GetDouble(), 1e-9 * algbw);
        Assert.Equal(algbw * 2 * (ranks - 1) / ranks, result.GetProperty("busbwGBps").GetDouble(), 1e-9 * algbw);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
