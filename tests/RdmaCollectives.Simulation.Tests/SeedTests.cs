using System.Diagnostics;

namespace RdmaCollectives.Simulation.Tests;

/// <summary>As many of the first 100,000 seeds as there is time for, in a process on each processor. All of them, and others: <c>RdmaCollectives.Simulation --seeds 0..100000 --workers 2</c>.</summary>
public class SeedTests(ITestOutputHelper output)
{
    private const int Seconds = 40;

    [Fact]
    public async Task Run_ManySeeds_NothingIsWrongAndEveryPointWasHit()
    {
        var start = new ProcessStartInfo(Executable.Path, ["--seeds", "0..100000", "--for", $"{Seconds}", "--workers", "2", "--every-point"]) { UseShellExecute = false, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(Seconds + 70));
        string text = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        output.WriteLine(text);
        Assert.True(process.ExitCode == 0, text);
    }
}
