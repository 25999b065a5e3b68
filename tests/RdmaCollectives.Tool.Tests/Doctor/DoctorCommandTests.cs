using System.Diagnostics;
using System.Text.Json;

namespace RdmaCollectives.Tool.Tests.Doctor;

/// <summary>The command on this machine: exit codes, JSON, ranks. Broken set-ups are made by limits and namespaces of the tool's own process.</summary>
public class DoctorCommandTests
{
    private static readonly string[] Severities = ["ok", "note", "warning", "problem"];

    [Fact]
    public void Doctor_AsItIs_NamesEveryCheckAndHasNoProblem()
    {
        ToolResult run = RunningTool.Run("doctor");
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Empty(run.Error);
        Assert.All(Tool.Doctor.CheckList.All, check => Assert.Contains($"  {check.Name} ", run.Output, StringComparison.Ordinal));
        Assert.Matches(@"^0 problems, \d+ warnings?, \d+ notes?, \d+ as it should be\.$", run.OutputLines[^1]);
    }

    [Fact]
    public void List_ShowsEveryCheck()
    {
        ToolResult run = RunningTool.Run("doctor", "--list");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.All(Tool.Doctor.CheckList.All, check => Assert.Contains(check.Summary, run.Output, StringComparison.Ordinal));
    }

    [Fact]
    public void OnlyAndSkip_LeaveTheRestOut()
    {
        Assert.Equal(["numa", "clock"], ChecksOf(Json("doctor", "--only", "clock,numa", "--json")).Order(StringComparer.Ordinal).Reverse(), StringComparer.Ordinal);
        Assert.DoesNotContain("numa", ChecksOf(Json("doctor", "--skip", "numa", "--json")), StringComparer.Ordinal);
        Assert.Contains("clock", ChecksOf(Json("doctor", "--skip", "numa", "--json", "-")), StringComparer.Ordinal);
    }

    /// <summary>The runtime raises the soft limit to the hard one: both are lowered.</summary>
    [Theory]
    [InlineData("ulimit -n 200", 4, "problem")]
    [InlineData("ulimit -n 512", 5, "warning")]
    [InlineData("ulimit -n 512", 0, "warning", false)]
    public void Exit_OpenFiles_TellsScripts(string shell, int exitCode, string severity, bool isStrict = true)
    {
        ToolResult run = InShell(shell, isStrict ? ["--strict"] : [], "--only", "open-files,clock", "--json");
        Assert.True(run.ExitCode == exitCode, run.ToString());
        JsonElement report = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(severity, report.GetProperty("worst").GetString());
        JsonElement finding = Findings(report).Single(finding => finding.GetProperty("check").GetString() == "open-files");
        Assert.Equal(severity, finding.GetProperty("severity").GetString());
        Assert.Contains(shell[^3..], finding.GetProperty("evidence").GetString(), StringComparison.Ordinal);
        Assert.Contains("ulimit -n", finding.GetProperty("remedy").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Fewer than so many ranks need: the doctor starts none, and says why.</summary>
    [Fact]
    public void Ranks_WithTooFewOpenFiles_AreNotStartedAndThatIsSaid()
    {
        ToolResult run = InShell("ulimit -n 128", ["--ranks", "6"], "--only", "clock");
        Assert.True(run.ExitCode == 4, run.ToString());
        Assert.Contains("No ranks were started: 128 files may be open", run.Output, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public void Ranks_WithAWrongOption_AreNotStartedAndThatIsSaid()
    {
        ToolResult run = RunningTool.Run([("RDMACC_SLOTS", "3")], "doctor", "--ranks", "2", "--only", "configuration");
        Assert.True(run.ExitCode == 4, run.ToString());
        Assert.Contains("No ranks were started: RDMACC_SLOTS (Slots) is '3'", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_ToAFile_HasTheFieldsThatThePageNames()
    {
        using var file = new TemporaryFile(".json");
        ToolResult run = RunningTool.Run("doctor", "--ranks", "3", "--matrix", "--json", file.Path);
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Contains("Between ranks", run.Output, StringComparison.Ordinal);
        JsonElement report = JsonDocument.Parse(File.ReadAllText(file.Path)).RootElement;
        Assert.Equal(["version", "worst", "hosts", "comparison", "pairs", "matrix"], report.EnumerateObject().Select(field => field.Name), StringComparer.Ordinal);
        JsonElement host = Assert.Single(report.GetProperty("hosts").EnumerateArray());
        Assert.Equal(["host", "kernel", "ranks", "facts", "findings"], host.EnumerateObject().Select(field => field.Name), StringComparer.Ordinal);
        Assert.Equal([0, 1, 2], host.GetProperty("ranks").EnumerateArray().Select(rank => rank.GetInt32()));
        Assert.Equal(["library", "rdmaCore", "clock", "lockedMemory", "ports", "interfaces"], host.GetProperty("facts").EnumerateObject().Select(field => field.Name), StringComparer.Ordinal);
        Assert.Empty(report.GetProperty("comparison").EnumerateArray());
        Assert.All(Findings(report).Concat(report.GetProperty("pairs").EnumerateArray()), finding =>
        {
            Assert.Equal(["check", "severity", "text", "evidence", "remedy", "ranks"], finding.EnumerateObject().Select(field => field.Name), StringComparer.Ordinal);
            Assert.Contains(finding.GetProperty("severity").GetString(), Severities, StringComparer.Ordinal);
            Assert.NotEqual("", finding.GetProperty("check").GetString(), StringComparer.Ordinal);
        });
        JsonElement[] matrix = [.. report.GetProperty("matrix").EnumerateArray()];
        Assert.Equal([(0, 1), (0, 2), (1, 2)], matrix.Select(pair => (pair.GetProperty("low").GetInt32(), pair.GetProperty("high").GetInt32())));
        Assert.All(matrix, pair =>
        {
            Assert.Equal(["low", "high", "transport", "latencyUs", "forwardGBps", "backwardGBps", "isSlow"], pair.EnumerateObject().Select(field => field.Name), StringComparer.Ordinal);
            Assert.Equal("shm", pair.GetProperty("transport").GetString());
            Assert.True(pair.GetProperty("latencyUs").GetDouble() > 0 && pair.GetProperty("forwardGBps").GetDouble() > 0 && pair.GetProperty("backwardGBps").GetDouble() > 0, pair.ToString());
        });
    }

    /// <summary>Three ranks of one host: one of them looks at it, and rank 0 alone reports.</summary>
    [Fact]
    public void Run_ThreeRanks_OneHostIsExaminedOnceAndRankZeroReports()
    {
        ToolResult run = RunningTool.Run("run", "-n", "3", "--no-prefix", "--", RunningTool.Path, "doctor", "--json", "--only", "clock,numa");
        Assert.True(run.ExitCode == 0, run.ToString());
        JsonElement report = JsonDocument.Parse(run.Output).RootElement;
        Assert.Single(report.GetProperty("hosts").EnumerateArray());
        Assert.Equal(2, Findings(report).Count());
        Assert.Contains("3 over shm", report.GetProperty("pairs")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Empty(report.GetProperty("matrix").EnumerateArray());
    }

    /// <summary>Ranks that take themselves for hosts of their own: each is examined, the clocks are compared, and over TCP all pairs are measured.</summary>
    [Fact]
    public void Run_HostsOfTheirOwn_EachIsExamined()
    {
        ToolResult run = RunningTool.Run("run", "-n", "3", "--no-prefix", "--host-id-per-rank", "--", RunningTool.Path, "doctor", "--json", "--only", "clock,clock-skew", "--matrix");
        Assert.True(run.ExitCode == 0, run.ToString());
        JsonElement report = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal([0, 1, 2], report.GetProperty("hosts").EnumerateArray().Select(host => Assert.Single(host.GetProperty("ranks").EnumerateArray()).GetInt32()));
        JsonElement clocks = Assert.Single(report.GetProperty("comparison").EnumerateArray());
        Assert.Equal(("clock-skew", "ok"), (clocks.GetProperty("check").GetString(), clocks.GetProperty("severity").GetString()));
        Assert.StartsWith("The clocks of 3 hosts differ by at most ", clocks.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.All(report.GetProperty("hosts").EnumerateArray(), host =>
        {
            JsonElement clock = host.GetProperty("facts").GetProperty("clock");
            double uncertainty = clock.GetProperty("uncertaintySeconds").GetDouble();
            Assert.InRange(uncertainty, 0, 1);
            Assert.InRange(clock.GetProperty("aheadSeconds").GetDouble(), -uncertainty - 0.001, uncertainty + 0.001); // it is one clock
            Assert.InRange(clock.GetProperty("utc").GetDateTime(), DateTime.UtcNow - TimeSpan.FromMinutes(2), DateTime.UtcNow);
        });
        Assert.All(report.GetProperty("matrix").EnumerateArray(), pair => Assert.Equal("tcp", pair.GetProperty("transport").GetString()));
    }

    [Fact]
    public void Run_AnotherNumberOfRanks_IsAMistake()
    {
        ToolResult run = RunningTool.Run("run", "-n", "2", "--", RunningTool.Path, "doctor", "--ranks", "3");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--ranks 3: the launcher has started 2.", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Nobody is there to meet: what could be found is reported, with the reason why there is no more.</summary>
    [Fact]
    public void Launched_AndNobodyToMeet_ReportsTheHostAndTheReason()
    {
        (string, string)[] alone = [("RDMACC_RANK", "0"), ("RDMACC_WORLD_SIZE", "2"), ("RDMACC_RENDEZVOUS", "127.0.0.1:1"), ("RDMACC_JOIN_TIMEOUT", "1")];
        ToolResult run = RunningTool.Run(alone, "doctor", "--only", "clock", "--json");
        Assert.True(run.ExitCode == 4, run.ToString());
        JsonElement report = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(["clock"], ChecksOf(report), StringComparer.Ordinal);
        JsonElement join = Assert.Single(report.GetProperty("pairs").EnumerateArray());
        Assert.Equal(("join", "problem"), (join.GetProperty("check").GetString(), join.GetProperty("severity").GetString()));
        Assert.Contains("127.0.0.1:1", join.GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    /// <summary>A mount namespace with a /dev/shm of 1 MiB, and a control group is not needed for it.</summary>
    [Fact]
    public void SharedMemory_SmallInANamespace_IsFound()
    {
        const string script = "mount -t tmpfs -o size=1m tmpfs /dev/shm && exec \"$@\"";
        Assert.SkipUnless(Environment.IsPrivilegedProcess && CanUnshare(), "A /dev/shm of its own needs root and mount namespaces.");
        using RunningTool tool = RunningTool.StartBehind(["unshare", "--mount", "sh", "-c", script, "sh"], [], "doctor", "--only", "shared-memory", "--json");
        ToolResult run = tool.WaitForEnd();
        Assert.True(run.ExitCode == 0, run.ToString());
        JsonElement small = Findings(JsonDocument.Parse(run.Output).RootElement).Single(finding => finding.GetProperty("severity").GetString() == "note");
        Assert.Contains("/dev/shm has 1 MiB", small.GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    private static bool CanUnshare()
    {
        using Process process = Process.Start(new ProcessStartInfo("unshare", ["--mount", "true"]) { UseShellExecute = false, RedirectStandardError = true })!;
        return process.WaitForExit(TimeSpan.FromSeconds(10)) && process.ExitCode == 0;
    }

    private static ToolResult InShell(string before, string[] options, params string[] more)
    {
        using RunningTool tool = RunningTool.StartBehind(["sh", "-c", $"{before}; exec \"$@\"", "sh"], [], ["doctor", .. options, .. more]);
        return tool.WaitForEnd();
    }

    private static JsonElement Json(params string[] arguments)
    {
        ToolResult run = RunningTool.Run(arguments);
        Assert.True(run.ExitCode == 0, run.ToString());
        return JsonDocument.Parse(run.Output).RootElement;
    }

    private static IEnumerable<JsonElement> Findings(JsonElement report) => report.GetProperty("hosts").EnumerateArray().SelectMany(host => host.GetProperty("findings").EnumerateArray());

    private static IEnumerable<string?> ChecksOf(JsonElement report) => Findings(report).Select(finding => finding.GetProperty("check").GetString()).Distinct(StringComparer.Ordinal);
}
