using System.Diagnostics;

namespace RdmaCollectives.Simulation.Tests;

public class ReplayTests
{
    [Fact]
    public void Run_SeedTwice_SameTrace()
    {
        var worker = new Worker();
        var other = new Worker();
        for (ulong seed = 5000; seed < 5200; seed++)
        {
            Simulation first = worker.Run(seed);
            Simulation second = other.Run(seed);

            Assert.True(first.Scheduler.TraceHash == second.Scheduler.TraceHash && first.Scheduler.Points == second.Scheduler.Points, $"seed {seed}");
        }
    }

    [Fact]
    public async Task Run_SeedInAnotherProcess_SameTrace()
    {
        foreach (ulong seed in (ulong[])[17, 378, 1000, 4711])
        {
            Simulation here = new Worker().Run(seed);
            using Process process = Process.Start(new ProcessStartInfo(Executable.Path, ["--seed", $"{seed}", "--quiet"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            string there = await process.StandardOutput.ReadToEndAsync(deadline.Token);

            Assert.StartsWith($"{here.Scheduler.Points} points, trace {here.Scheduler.TraceHash:x16},", there, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Run_Failure_ToldWithItsSeed()
    {
        var worker = new Worker(Planted.SlotReleasedBeforeRead);

        (ulong seed, _) = Assert.NotNull(worker.FirstFailure(0, 100, TimeSpan.FromSeconds(60)));

        Assert.NotEmpty(new Worker(Planted.SlotReleasedBeforeRead).Run(seed).Failures);
        Assert.Empty(new Worker().Run(seed).Failures);
    }
}
