using RdmaCollectives.Tool.Launching;

namespace RdmaCollectives.Tool.Tests;

public class RunTests
{
    [Fact]
    public void Run_EveryLine_BearsItsRank()
    {
        // Three ranks write 2,000 lines at once, in pieces: none may be torn, and the order of each stays.
        ToolResult run = RunningTool.Run("run", "-n", "3", "--", "sh", "-c", "i=0; while [ $i -lt 2000 ]; do printf 'line '; printf '%s of %s\\n' $i $RANK; i=$((i+1)); done");
        Assert.Equal(0, run.ExitCode);
        for (int rank = 0; rank < 3; rank++)
        {
            string prefix = $"[{rank}] ";
            Assert.Equal<string>(Enumerable.Range(0, 2000).Select(i => $"{prefix}line {i} of {rank}"), run.OutputLines.Where(line => line.StartsWith(prefix, StringComparison.Ordinal)), StringComparer.Ordinal);
        }

        Assert.Equal(6000, run.OutputLines.Length);
    }

    [Fact]
    public void Run_OutputAndError_StayApart()
    {
        ToolResult run = RunningTool.Run("run", "-n", "1", "--no-prefix", "--", "sh", "-c", "echo to output; echo to error >&2; printf 'no end of line'");
        Assert.Equal((0, "to output\nno end of line\n", "to error\n"), (run.ExitCode, run.Output, run.Error));
    }

    [Fact]
    public void Run_Environment_MakesEachProcessARank()
    {
        ToolResult run = RunningTool.Run([("RDMACC_SECRET_FILE", "/nonexistent")], "run", "-n", "2", "--transport", "tcp", "--env", "A=b=c", "--env", "D=", "--", "sh", "-c",
            "echo $RDMACC_RANK/$RDMACC_WORLD_SIZE $RANK/$WORLD_SIZE $LOCAL_RANK $RDMACC_TRANSPORTS $A ${D-unset}. ${RDMACC_SECRET_FILE-none} ${#RDMACC_SECRET} ${RDMACC_HOST_ID-same}");
        Assert.Equal<string>(["[0] 0/2 0/2 0 tcp b=c . none 44 same", "[1] 1/2 1/2 1 tcp b=c . none 44 same"], run.OutputLines.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public void Run_Bound_EachRankHasAProcessorOfItsOwnAndTheLauncherGoesOnWithAll()
    {
        int processors = Environment.ProcessorCount;
        Assert.SkipUnless(processors >= 2, "There is one processor.");
        const string script = """
            own=$(grep Cpus_allowed_list /proc/self/status)
            for i in $(seq 100); do # while it starts the other rank it has that one's processor
                launcher=$(grep Cpus_allowed_list /proc/$PPID/status)
                case "$launcher" in *[,-]*) break;; esac
                sleep 0.1
            done
            echo "$own"; echo "$launcher" | sed s/Cpus/Launcher/
            """;
        ToolResult run = RunningTool.Run("run", "-n", "2", "--bind", "core", "--no-prefix", "--", "sh", "-c", script);
        string[] ranks = [.. run.OutputLines.Where(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];
        Assert.Equal(2, ranks.Length);
        Assert.All(ranks, line => Assert.Matches(@"^Cpus_allowed_list:\s+\d+$", line));
        Assert.DoesNotContain(run.OutputLines, line => line.StartsWith("Launcher", StringComparison.Ordinal) && ranks.Contains(line.Replace("Launcher", "Cpus", StringComparison.Ordinal), StringComparer.Ordinal));
    }

    [Fact]
    public void Binding_Shares_AreNeighboursAndLeaveNoProcessorOut()
    {
        var binding = new Binding(BindMode.Share, ranks: 3, allowed: [0, 2, 4, 6, 8, 10, 12]);
        Assert.Equal<int[]>([[0, 2], [4, 6], [8, 10, 12]], Enumerable.Range(0, 3).Select(binding.Of));
        Assert.Equal([4, 6], binding.Of(4)); // a newcomer
        Assert.Equal([2], new Binding(BindMode.Core, 3, [0, 2, 4]).Of(1));
    }

    [Fact]
    public void Run_BoundMoreRanksThanProcessors_SaysHowManyThereAre()
    {
        ToolResult run = RunningTool.Run("run", "-n", "1024", "--bind", "core", "--", "true");
        Assert.Equal(2, run.ExitCode);
        Assert.Matches(@"^rdmacc: --bind needs a processor for each rank: 1024 ranks, and \d+ processors? that the launcher may use\. Leave it out, or start \d+ ranks at most", run.Error);
    }

    [Fact]
    public void Run_HostIdPerRank_MakesEachRankAHost()
    {
        ToolResult run = RunningTool.Run("run", "-n", "2", "--host-id-per-rank", "--", "sh", "-c", "echo $RDMACC_HOST_ID $LOCAL_RANK");
        Assert.Equal<string>(["[0] host-0 0", "[1] host-1 0"], run.OutputLines.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public void Run_StandardInput_IsEmpty() => Assert.Equal("[0] end\n", RunningTool.Run("run", "-n", "1", "--", "sh", "-c", "cat; echo end").Output);

    [Fact]
    public void Run_Arguments_ArePassedOnAsTheyAre()
    {
        ToolResult run = RunningTool.Run("run", "-n", "1", "--", "printf", "<%s>", "--help", "a b", "", "--", "-n", "@file", "*");
        Assert.Equal("[0] <--help><a b><><--><-n><@file><*>\n", run.Output);
    }

    [Fact]
    public void Run_RankFails_ItsExitCodeIsReturnedAndTheOthersAreEnded()
    {
        using RunningTool run = RunningTool.Start("run", "-n", "3", "--grace", "0.1", "--", "sh", "-c", "if [ $RANK = 1 ]; then sleep 1; exit 7; fi; sleep 1000 & echo child $!; wait");
        int[] children = [Child(run), Child(run)];
        ToolResult result = run.WaitForEnd();
        Assert.Equal(7, result.ExitCode);
        Assert.Equal("rdmacc: rank 1 failed: it ended with exit code 7.\n", result.Error);
        Array.ForEach(children, RunningTool.AssertGone);

        static int Child(RunningTool run)
        {
            while (true)
            {
                string line = run.WaitForLine("[");
                if (line.Contains("child", StringComparison.Ordinal))
                {
                    return int.Parse(line.Split(' ')[^1]);
                }
            }
        }
    }

    [Fact]
    public void Run_RankIgnoresSigTerm_IsKilledThreeSecondsLater()
    {
        ToolResult run = RunningTool.Run("run", "-n", "2", "--grace", "0", "--", "sh", "-c", "if [ $RANK = 1 ]; then sleep 1; exit 3; fi; trap '' TERM; echo deaf; while true; do sleep 1; done");
        Assert.Equal((3, "[0] deaf\n"), (run.ExitCode, run.Output));
    }

    [Fact]
    public void Run_RankKilledBySignal_IsExitCode128AndTheSignal()
    {
        ToolResult run = RunningTool.Run("run", "-n", "2", "--", "sh", "-c", "[ $RANK = 0 ] || kill -SEGV $$");
        Assert.Equal(139, run.ExitCode);
        Assert.Equal("rdmacc: rank 1 failed: it was killed by signal 11 (SIGSEGV).\n", run.Error);
    }

    [Fact]
    public void Run_ChildrenLeftBehind_AreEnded()
    {
        ToolResult run = RunningTool.Run("run", "-n", "1", "--", "sh", "-c", "sleep 1000 & echo $!");
        Assert.Equal(0, run.ExitCode);
        RunningTool.AssertGone(int.Parse(run.Output.Split(' ')[1]));
    }

    [Theory]
    [InlineData(RunningTool.SigInt, 130)]
    [InlineData(RunningTool.SigTerm, 143)]
    public void Run_SignalToTheLauncher_ReachesTheRanks(int signal, int exitCode)
    {
        using RunningTool run = RunningTool.Start("run", "-n", "2", "--", "sh", "-c", "trap 'echo heard INT; exit 0' INT; trap 'echo heard TERM; exit 0' TERM; echo ready; while true; do sleep 0.1; done");
        run.WaitForLine("[0] ready");
        Thread.Sleep(500); // rank 1 too
        run.Signal(signal);
        ToolResult result = run.WaitForEnd();
        Assert.Equal(exitCode, result.ExitCode);
        string name = signal == RunningTool.SigInt ? "INT" : "TERM";
        Assert.Equal<string>([$"[0] heard {name}", $"[1] heard {name}"], result.OutputLines.Where(line => line.Contains("heard", StringComparison.Ordinal)).Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public void Run_LauncherKilled_TakesTheRanksWithIt()
    {
        using RunningTool run = RunningTool.Start("run", "-n", "2", "--", "sh", "-c", "echo pid $$; sleep 1000 & wait");
        int first = int.Parse(run.WaitForLine("[0] pid "));
        Thread.Sleep(1000); // until the watchdog, which starts after the ranks, is there
        run.Signal(9);
        RunningTool.AssertGone(first);
    }

    [Fact]
    public void Run_ProgramDoesNotExist_Is127()
    {
        ToolResult run = RunningTool.Run("run", "-n", "2", "--", "no-such-program");
        Assert.Equal(127, run.ExitCode);
        Assert.Equal("rdmacc: no-such-program: there is no such program in PATH; for one in this directory write ./no-such-program.\n", run.Error);
    }

    [Fact]
    public void Run_ProgramIsNotExecutable_Is126()
    {
        ToolResult run = RunningTool.Run("run", "-n", "2", "--", "/etc/passwd");
        Assert.Equal(126, run.ExitCode);
        Assert.Contains("chmod +x", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }
}
