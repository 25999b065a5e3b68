using System.Diagnostics;
using System.Text.Json;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Tool.Tests.Inspect;

/// <summary>Dumps that real ranks write, and what inspect makes of them.</summary>
public sealed class DumpsOfProcessesTests : IDisposable
{
    private const int SigQuit = 3;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"rdmacc-dumps-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("shm", false)]
    [InlineData("tcp", true)]
    public void Quit_WhileOneRankStaysAway_InspectNamesItAndTheProgramGoesOn(string transport, bool isIgnored)
    {
        // As a shell starts what it puts in the background: with SIGQUIT ignored.
        string[] starter = isIgnored ? ["/bin/sh", "-c", "trap '' QUIT; exec \"$@\"", "sh"] : [];
        using WorkerGroup group = WorkerGroup.Start(transport, 4, _ => Variables, _ => starter);
        Assert.All(group.Tell("mismatch 1000", Deadline), answer => Assert.Equal("ok 1000", answer));
        group.Send(2, "sleep 4000");
        foreach (int rank in (int[])[0, 1, 3])
        {
            group.Send(rank, "mismatch 70");
        }

        Thread.Sleep(1000);
        for (int rank = 0; rank < 4; rank++)
        {
            RunningTool.Kill(group.ProcessId(rank), SigQuit);
        }

        WaitForFiles(4, "signal");
        JsonElement report = Inspect();
        JsonElement finding = Assert.Single(Findings(report, "never-entered"));
        Assert.StartsWith("Rank 2 never entered #2 AllReduce(Int32, Sum, 70 elements = 280 bytes); ranks 0, 1 and 3 did, the first ", finding.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains("Its last call, #1 AllReduce(Int32, Sum, 1000 elements = 3.91 KiB), ", finding.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.InRange(finding.GetProperty("nanoseconds").GetInt64(), 100_000_000, 60_000_000_000);

        // One host has one clock: what was measured is nothing, to within the round trip.
        Assert.InRange(report.GetProperty("uncertaintyNs").GetInt64(), 0, 1_000_000_000);

        // The program goes on, and later the rank is only late.
        Assert.Equal("ok 4000", group.Read(2, Deadline));
        group.Send(2, "mismatch 70");
        for (int rank = 0; rank < 4; rank++)
        {
            Assert.Equal("ok 70", group.Read(rank, Deadline));
        }

        for (int rank = 0; rank < 4; rank++)
        {
            RunningTool.Kill(group.ProcessId(rank), SigQuit);
        }

        WaitForFiles(4, "signal", calls: 2, running: false);
        finding = Findings(Inspect(), "late").First(late => late.GetProperty("sequence").GetInt32() == 2);
        Assert.StartsWith("Rank 2 entered #2 AllReduce(Int32, Sum, 70 elements = 280 bytes) ", finding.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.InRange(finding.GetProperty("nanoseconds").GetInt64(), 1_000_000_000, 60_000_000_000);
    }

    [Fact]
    public void Fault_OfADeadline_EveryRankDumpsAndInspectNamesTheLateOne()
    {
        using WorkerGroup group = WorkerGroup.Start("shm", 4, _ => [.. Variables, ("RDMACC_TIMEOUT", "2")]);
        Assert.All(group.Tell("mismatch 1000", Deadline), answer => Assert.Equal("ok 1000", answer));
        group.Send(1, "sleep 6000");
        foreach (int rank in (int[])[0, 2, 3])
        {
            group.Send(rank, "mismatch 70");
        }

        foreach (int rank in (int[])[0, 2, 3])
        {
            Assert.StartsWith("fail CommunicatorFaultException[Timeout", group.Read(rank, Deadline), StringComparison.Ordinal);
        }

        WaitForFiles(4, "fault");
        JsonElement report = Inspect();
        Assert.Contains("at fault (Timeout)", Findings(report, "fault")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("Rank 1 never entered #2 ", Assert.Single(Findings(report, "never-entered")).GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_OfAMismatch_BothCallsAreInTheDumps()
    {
        using WorkerGroup group = WorkerGroup.Start("tcp", 3, _ => Variables);
        group.Send(1, "sleep 1000"); // a rank that comes after the fault makes no call that a dump could show, so the others come first
        group.Send(1, "mismatch 8");
        group.Send(0, "mismatch 7");
        group.Send(2, "mismatch 7");
        Assert.StartsWith("ok", group.Read(1, Deadline), StringComparison.Ordinal);
        Assert.All((int[])[0, 1, 2], rank => Assert.StartsWith("fail CollectiveMismatchException", group.Read(rank, Deadline), StringComparison.Ordinal));
        WaitForFiles(3, "fault");
        string text = Assert.Single(Findings(Inspect(), "mismatch")).GetProperty("text").GetString()!;
        Assert.Contains("ranks 0 and 2 made #1 AllReduce(Int32, Sum, 7 elements = 28 bytes)", text, StringComparison.Ordinal);
        Assert.Contains("rank 1 made #1 AllReduce(Int32, Sum, 8 elements = 32 bytes)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_OfADeath_TheDumpThatIsMissingIsNamed()
    {
        using WorkerGroup group = WorkerGroup.Start("shm", 3, _ => Variables);
        Assert.All(group.Tell("loop 1000", Deadline), answer => Assert.Equal("looping", answer));
        group.Kill(1);
        WaitForFiles(2, "fault");
        Assert.Equal(1, Assert.Single(Findings(Inspect(), "missing")).GetProperty("ranks")[0].GetInt32());
    }

    private (string, string)[] Variables => [("RDMACC_DUMP_DIRECTORY", _directory), ("RDMACC_JOB_ID", "")];

    private void WaitForFiles(int count, string reason, int calls = 0, bool running = true)
    {
        long start = Stopwatch.GetTimestamp();
        while (!Directory.Exists(_directory) || Directory.EnumerateFiles(_directory, "*.json").Count(file => IsDump(file, reason, calls, running)) < count)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Deadline, $"There are no {count} dumps of reason {reason} in {_directory} after {Deadline.TotalSeconds} s.");
            Thread.Sleep(20);
        }
    }

    // A file is whole or not there.
    private static bool IsDump(string file, string reason, int calls, bool running)
    {
        JsonElement dump = JsonDocument.Parse(File.ReadAllText(file)).RootElement;
        return dump.GetProperty("reason").GetString() == reason && dump.GetProperty("operations").GetArrayLength() >= calls
            && (running || dump.GetProperty("operations").EnumerateArray().All(call => call.GetProperty("outcome").GetString() == "completed"));
    }

    private JsonElement Inspect()
    {
        ToolResult run = RunningTool.Run("inspect", _directory, "--json", "-");
        Assert.True(run.ExitCode == 0, run.ToString());
        return Assert.Single(JsonDocument.Parse(run.Output).RootElement.EnumerateArray());
    }

    private static JsonElement[] Findings(JsonElement report, string kind) => [.. report.GetProperty("findings").EnumerateArray().Where(finding => finding.GetProperty("kind").GetString() == kind)];
}
