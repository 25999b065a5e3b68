using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>A rank is killed, or pauses, at a random moment of random calls over verbs. The long form is the Chaos program with <c>--transports verbs</c> on the Soft-RoCE machine (docs/reliability.md).</summary>
public sealed class ChaosTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(ChaosEvent.PauseThenKill)]
    public void Calls_WhileThisHappensToARank_EndInTheTypedFaultAndTheOthersGoOn(ChaosEvent happening)
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var report = new ChaosReport("verbs", Bound);
        ChaosRound round = ChaosRound.Draw(new Random(seed), 0, 3, [happening]);
        using WorkerGroup group = WorkerGroup.Start("verbs", 3, SoftRoceHosts.HostPerRank);
        round.Run(group, TimeSpan.FromMilliseconds(500));
        report.Add(round);
        Assert.Equal("", string.Join('\n', report.Complaints));
        Assert.Equal(1, report.Shrinks);
    }
}
