using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>
/// Something happens to a rank at a random moment of random calls: every other rank gets the typed fault in time, and no result is wrong. The short form of <c>./build.sh --target=Chaos</c>.
/// </summary>
public sealed class ChaosTests
{
    private const int Ranks = 4;

    /// <summary>The bound for shm and tcp.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData("shm", ChaosEvent.Kill)]
    [InlineData("shm", ChaosEvent.Cancel)]
    [InlineData("shm,tcp", ChaosEvent.PauseThenKill)]
    [InlineData("tcp", ChaosEvent.Kill)]
    [InlineData("tcp", ChaosEvent.Abort)]
    public void Calls_WhileThisHappensToARank_EndInTheTypedFaultAndTheOthersGoOn(string transport, ChaosEvent happening)
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var report = new ChaosReport(transport, Bound);
        var random = new Random(seed);

        // A machine that is very busy may hold one survivor up for longer than the bound, not in two rounds of two.
        for (int attempt = 0; attempt == 0 || (attempt == 1 && report.Late == report.Complaints.Count && report.Late > 0); attempt++)
        {
            report = new ChaosReport(transport, Bound);
            ChaosRound round = ChaosRound.Draw(random, 0, Ranks, [happening]);
            using WorkerGroup group = RankGroups.Start(transport, Ranks);
            round.Run(group, TimeSpan.FromMilliseconds(200));
            report.Add(round);
        }

        Assert.Equal("", string.Join('\n', report.Complaints));
        Assert.Equal(1, report.Shrinks);
        Assert.Equal(happening is ChaosEvent.Kill or ChaosEvent.PauseThenKill ? 1 : 0, report.Kills);
    }
}
