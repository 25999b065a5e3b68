using System.Diagnostics;

namespace RdmaCollectives.Samples.Tests;

public sealed partial class DigitsTrainingTests
{
    /// <summary>Each rank in turn is killed in the middle of the training. The others make the same steps that one process alone makes: the same losses, but for the order in which floats are added.</summary>
    [Theory]
    [InlineData("shm", 0, 0)]
    [InlineData("shm", 1, 0)]
    [InlineData("shm", 2, 0)]
    [InlineData("tcp", 0, 0)]
    [InlineData("tcp", 2, 0)]
    [InlineData("shm", 1, 1)]
    public async Task Train_ARankIsKilled_TheOthersKeepTheLossCurveAndTheAccuracy(string transport, int victim, int restarts)
    {
        const int Ranks = 3;
        using var directory = new TemporaryDirectory();
        string[] arguments = ["run", "-n", $"{Ranks}", "--min", "1", "--restarts", $"{restarts}", "--transport", transport, "--", Sample, "--pause", "100", "--json", directory.File("run.json")];
        (ProgramResult result, bool wasKilled) = await RunAndKillAsync(arguments, "    3 ", victim);
        Assert.True(wasKilled && result.ExitCode == 0, result.ToString());
        Assert.Contains($"rdmacc: rank {victim} failed: it was killed by signal 9 (SIGKILL)", result.Error, StringComparison.Ordinal);
        Assert.Contains("going on with 2 ranks", result.Output, StringComparison.Ordinal);

        Report report = Report.Read(directory.File("run.json"));
        Assert.Equal(30, report.TrainingLoss.Length);
        Assert.Equal(restarts == 0 ? Ranks - 1 : Ranks, report.WorldSize);
        Assert.InRange(report.Accuracy, single.Report.Accuracy - 0.01, 1);
        AssertSameCurve(single.Report.TrainingLoss, report.TrainingLoss);
        AssertSameCurve(single.Report.TestLoss, report.TestLoss);
    }

    // Kills the rank once a line of the output holds the word.
    private static async Task<(ProgramResult Result, bool WasKilled)> RunAndKillAsync(string[] arguments, string word, int victim)
    {
        var start = new ProcessStartInfo(Launcher, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process launcher = Process.Start(start)!;
        Task<string> error = launcher.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        var output = new System.Text.StringBuilder();
        bool wasKilled = false;
        try
        {
            while (await launcher.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
            {
                output.AppendLine(line);
                if (!wasKilled && line.Contains(word, StringComparison.Ordinal))
                {
                    using Process rank = Process.GetProcessById(ProcessOfRank(launcher.Id, victim));
                    rank.Kill();
                    wasKilled = true;
                }
            }

            await launcher.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            launcher.Kill(entireProcessTree: true);
            Assert.Fail($"The job still ran after 120 s.\n{output}\n{await error}");
        }

        return (new ProgramResult(launcher.ExitCode, output.ToString(), await error), wasKilled);
    }

    // The launcher's child that has this rank in its environment.
    private static int ProcessOfRank(int launcher, int rank)
    {
        foreach (string children in Directory.GetDirectories($"/proc/{launcher}/task").Select(task => Path.Combine(task, "children")))
        {
            foreach (int child in File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, System.Globalization.CultureInfo.InvariantCulture)))
            {
                if (File.ReadAllText($"/proc/{child}/environ").Split('\0').Contains($"RDMACC_RANK={rank}"))
                {
                    return child;
                }
            }
        }

        throw new InvalidOperationException($"The launcher {launcher} has no rank {rank}.");
    }
}
