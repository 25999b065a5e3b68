using RdmaCollectives.Tool.Launching;

namespace RdmaCollectives.Tool.Tests;

public class ElasticRunTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Run_Elastic_GoesOnWithoutTheRankThatFails()
    {
        ToolResult run = RunningTool.Run("run", "-n", "3", "--min", "2", "--restarts", "0", "--", "sh", "-c", "[ $RANK = 1 ] && exit 7; sleep 1; echo done");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("rdmacc: rank 1 failed: it ended with exit code 7; 2 go on.\n", run.Error);
        Assert.Equal<string>(["[0] done", "[2] done"], run.OutputLines.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public void Run_ElasticWithTooFewLeft_EndsWithTheExitCode()
    {
        ToolResult run = RunningTool.Run("run", "-n", "2", "--min", "2", "--grace", "0.1", "--", "sh", "-c", "[ $RANK = 1 ] && exit 7; sleep 1000");
        Assert.Equal(7, run.ExitCode);
        Assert.Equal("rdmacc: rank 1 failed: it ended with exit code 7; fewer than 2 are left (--min), the job ends.\n", run.Error);
    }

    [Fact]
    public void Run_Elastic_StartsANewcomerInPlaceOfARank()
    {
        ToolResult run = RunningTool.Run("run", "-n", "2", "--min", "1", "--restarts", "1", "--", "sh", "-c", "[ \"$RDMACC_RANK\" = 1 ] && exit 7; echo ${RDMACC_RANK-none} ${WORLD_SIZE-none} ${RDMACC_NEWCOMER-0}; sleep 3");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("rdmacc: rank 1 failed: it ended with exit code 7; 1 go on, and a newcomer is started (0 more restarts).\n", run.Error);
        Assert.Equal<string>(["[0] 0 2 0", "[2] none none 1"], run.OutputLines.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("--max", "4", "--max and --restarts belong to an elastic job")]
    [InlineData("--restarts", "4", "--max and --restarts belong to an elastic job")]
    [InlineData("--min", "4", "-n 2 does not lie between --min 4 and --max 2")]
    public void Run_OptionsThatDoNotGoTogether_AreRefused(string option, string value, string message)
    {
        ToolResult run = RunningTool.Run("run", "-n", "2", option, value, "--", "true");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void MayGoOn_AgainAndAgain_WaitsLongerAndEndsWithTheBudget()
    {
        var elasticity = new Elasticity(least: 1, restarts: 3);
        double[] waits = [1, 2, 4];
        foreach (double wait in waits)
        {
            Assert.True(elasticity.MayGoOn(living: 1, Start));
            Assert.Equal(wait, (elasticity.NextStart - Start).TotalSeconds);
            Assert.Equal(0, elasticity.TakeDue(Start));
            Assert.Equal(1, elasticity.TakeDue(Start.AddSeconds(wait)));
        }

        Assert.True(elasticity.MayGoOn(living: 1, Start));
        Assert.False(elasticity.IsAwaited);
        Assert.False(elasticity.MayGoOn(living: 0, Start));
    }
}
