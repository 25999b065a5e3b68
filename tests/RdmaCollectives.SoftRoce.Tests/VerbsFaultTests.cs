using System.Diagnostics;
using RdmaCollectives.Testing;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>Faults over verbs: typed, on every rank, in bounded time.</summary>
[Collection(nameof(ThreeHosts))]
public sealed class VerbsFaultTests(ThreeHosts hosts)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    /// <summary>One of three, and then one of the two that went on.</summary>
    [Fact]
    public void Kill_InTheMiddleOfACall_EveryOtherRankGetsPeerDied()
    {
        using WorkerGroup group = WorkerGroup.Start("verbs", 3, SoftRoceHosts.HostPerRank);
        Kill(group, [0, 1], 2);
        Assert.All((int[])[0, 1], rank => group.Send(rank, "shrink 3 20000"));
        Assert.All((int[])[0, 1], rank => Assert.Equal("looping", group.Read(rank, Deadline)));
        Assert.All((int[])[0, 1], rank => Assert.StartsWith($"ok {rank} of 2, ", group.Read(rank, Deadline), StringComparison.Ordinal));
        Kill(group, [0], 1);
    }

    [Fact]
    public void Mismatch_OfCounts_IsTypedOnEveryRank()
    {
        string split = hosts.Split();
        string[] answers = hosts.Ranks.Tell(rank => $"on {split} mismatch {(rank == 1 ? 8 : 7)}", Deadline);
        Assert.All(answers, answer => Assert.StartsWith("fail CollectiveMismatchException[Mismatch", answer, StringComparison.Ordinal));
    }

    [Fact]
    public void Dispose_WhileAPeerStillNeedsIt_IsPeerLeft()
    {
        string split = hosts.Split();
        hosts.Ranks.Send(0, $"on {split} mismatch 100000");
        hosts.Ranks.Send(2, $"on {split} mismatch 100000");
        hosts.Ranks.Send(1, $"on {split} leave");
        Assert.StartsWith("ok", hosts.Ranks.Read(1, Deadline), StringComparison.Ordinal);
        Assert.All((int[])[0, 2], rank => Assert.StartsWith("fail CommunicatorFaultException[PeerLeft", hosts.Ranks.Read(rank, Deadline), StringComparison.Ordinal));
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
    private static void Kill(WorkerGroup group, int[] others, int victim)
    {
        Assert.All((int[])[.. others, victim], rank => group.Send(rank, "on world loop 200000"));
        Assert.All((int[])[.. others, victim], rank => Assert.Equal("looping", group.Read(rank, Deadline)));
        Thread.Sleep(1000);
        long start = Stopwatch.GetTimestamp();
        group.Kill(victim);
        foreach (int rank in others)
        {
            string answer = group.Read(rank, Bound);
            Assert.StartsWith("fail CommunicatorFaultException[PeerDied", answer, StringComparison.Ordinal);
            Assert.Contains($"peer {victim}]", answer, StringComparison.Ordinal);
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < Bound, $"It took {Stopwatch.GetElapsedTime(start)}.");
    }
}
