namespace RdmaCollectives.Tool.Tests;

public class BadArgumentsTests
{
    [Theory]
    [InlineData("perf", "perf needs to know what to measure; there is all_reduce.")]
    [InlineData("perf allreduce", "perf allreduce: there is no such collective; there is all_reduce. Did you mean all_reduce?")]
    [InlineData("perf all_reduce --ranks 0", "--ranks 0: allowed are 1 to 1024.")]
    [InlineData("perf all_reduce --ranks -1", "--ranks -1: allowed are 1 to 1024.")]
    [InlineData("perf all_reduce --ranks two", "--ranks two: allowed are 1 to 1024.")]
    [InlineData("perf all_reduce --ranks", "--ranks")]
    [InlineData("perf all_reduce --rnks 2", "'--rnks' is not an option of perf. Did you mean --ranks?")]
    [InlineData("perf all_reduce --transport vebs", "--transport vebs: allowed are auto, or a list of shm, verbs, tcp with commas between. Did you mean verbs?")]
    [InlineData("perf all_reduce --transport auto,shm", "--transport auto,shm: allowed are auto, or a list")]
    [InlineData("perf all_reduce -d flaot", "allowed are int8, uint8, int32, uint32, int64, uint64, half, float, double, bfloat16. Did you mean float?")]
    [InlineData("perf all_reduce -o sun", "allowed are sum, prod, min, max, avg. Did you mean sum?")]
    [InlineData("perf all_reduce -b 2", "-b 2: allowed are 4 (one element of float) to 64M")]
    [InlineData("perf all_reduce -b 1M -e 1K", "-b 1M: allowed are 4 (one element of float) to 1K")]
    [InlineData("perf all_reduce -e 64X", "64X: allowed are 1 to 1T bytes; K, M, G and T may follow the number")]
    [InlineData("perf all_reduce -f 1", "--factor 1: allowed are 2 to 1024.")]
    [InlineData("perf all_reduce -f 2 -i 8", "-f 2 and -i 8: sizes grow by a factor or by a step")]
    [InlineData("perf all_reduce -i 4 -e 1M", "more than 10000 sizes")]
    [InlineData("perf all_reduce -n 0", "--iterations 0: allowed are 1 to 1000000.")]
    [InlineData("perf all_reduce --check 2", "--check 2: allowed are 0 to 1.")]
    [InlineData("perf all_reduce --in-place maybe", "allowed are both, yes, no.")]
    [InlineData("perf all_reduce --buffers alocate", "Did you mean allocate?")]
    [InlineData("perf all_reduce --timeout 0", "--timeout 0: allowed are 0.001 to 604800 seconds.")]
    [InlineData("perf all_reduce -b 1T -e 1T", "-e 1T: 2 ranks need 2 buffers each, 4096.0 GiB in all")]
    [InlineData("perf all_reduce --json /nonexistent/x.json", "--json /nonexistent/x.json:")]
    [InlineData("run", "run needs to know how many ranks: rdmacc run -n 4 -- program arguments")]
    [InlineData("run -n 2", "run needs a program: rdmacc run -n 4 -- program arguments")]
    [InlineData("run -n 2000 -- true", "--ranks 2000: allowed are 1 to 1024.")]
    [InlineData("run -n 2 --env =x -- true", "--env =x: a variable is set as NAME=VALUE.")]
    [InlineData("run -n 2 --grace -1 -- true", "--grace -1: allowed are 0 to 3600 seconds.")]
    [InlineData("prf", "'prf' is not a command of rdmacc. Did you mean perf?")]
    [InlineData("", "rdmacc needs a command: perf, run, devices, config.")]
    [InlineData("devices now", "'now' is not an argument of devices.")]
    public void Arguments_Wrong_OneLineThatNamesTheRemedy(string arguments, string expected)
    {
        string ranks = arguments.Contains("1T", StringComparison.Ordinal) ? " --ranks 2" : "";
        ToolResult run = RunningTool.Run((arguments + ranks).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(run.ExitCode == 2, run.ToString());
        Assert.Empty(run.Output);
        string line = Assert.Single(run.ErrorLines);
        Assert.StartsWith("rdmacc: ", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
    }

    [Fact]
    public void Perf_OptionInTheEnvironmentIsWrong_IsSaidOnce()
    {
        ToolResult run = RunningTool.Run([("RDMACC_SLOTS", "3")], "perf", "all_reduce", "--ranks", "2");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("RDMACC_SLOTS (Slots) is '3'; allowed: a power of two, 2 to 4096.", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }
}
