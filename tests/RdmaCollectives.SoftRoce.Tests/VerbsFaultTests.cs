using System.Diagnostics;
using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>Faults over verbs: typed, on every rank, in bounded time.</summary>
public sealed class VerbsFaultTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(3, 2)]
    [InlineData(2, 1)]
    public void Kill_InTheMiddleOfACall_EveryOtherRankGetsPeerDied(int ranks, int victim)
    {
        using WorkerGroup group = WorkerGroup.Start("verbs", ranks, SoftRoceHosts.HostPerRank);
        Assert.All(group.Tell("loop 200000", Deadline), answer => Assert.Equal("looping", answer));
        Thread.Sleep(1000);
        long start = Stopwatch.GetTimestamp();
        group.Kill(victim);
        for (int rank = 0; rank < ranks; rank++)
        {
            if (rank != victim)
            {
                string answer = group.Read(rank, Bound);
                Assert.StartsWith("fail CommunicatorFaultException[PeerDied", answer, StringComparison.Ordinal);
                Assert.Contains($"peer {victim}]", answer, StringComparison.Ordinal);
            }
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < Bound, $"It took {Stopwatch.GetElapsedTime(start)}.");
    }

    [Fact]
    public void Mismatch_OfCounts_IsTypedOnEveryRank()
    {
        using WorkerGroup group = WorkerGroup.Start("verbs", 2, SoftRoceHosts.HostPerRank);
        string[] answers = group.Tell(rank => rank == 1 ? "mismatch 8" : "mismatch 7", Deadline);
        Assert.All(answers, answer => Assert.StartsWith("fail CollectiveMismatchException[Mismatch", answer, StringComparison.Ordinal));
    }

    [Fact]
    public void Dispose_WhileAPeerStillNeedsIt_IsPeerLeft()
    {
        using WorkerGroup group = WorkerGroup.Start("verbs", 2, SoftRoceHosts.HostPerRank);
        group.Send(0, "mismatch 100000");
        group.Send(1, "leave");
        Assert.StartsWith("ok", group.Read(1, Deadline), StringComparison.Ordinal);
        Assert.StartsWith("fail CommunicatorFaultException[PeerLeft", group.Read(0, Deadline), StringComparison.Ordinal);
    }

    [Fact]
    public void Create_WithADeviceThatDoesNotExist_NamesItAndThoseThatDo()
    {
        using WorkerGroup group = WorkerGroup.Launch("verbs", 2, _ => [("RDMACC_DEVICE", "mlx5_9"), ("RDMACC_HOST_ID", "a"), ("RDMACC_JOIN_TIMEOUT", "60")]);
        for (int rank = 0; rank < 2; rank++)
        {
            string answer = group.Read(rank, Deadline);
            Assert.StartsWith("fail ", answer, StringComparison.Ordinal);
            Assert.Contains("mlx5_9", answer, StringComparison.Ordinal);
            Assert.Contains("rxe1r0", answer, StringComparison.Ordinal);
        }
    }
}
