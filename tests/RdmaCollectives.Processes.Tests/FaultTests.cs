using System.Diagnostics;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Faults between real processes: every other rank gets the typed error in bounded time, and nothing hangs.</summary>
public sealed class FaultTests
{
    /// <summary>The bound for shm and tcp.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static TheoryData<string, int, int> Victims()
    {
        var data = new TheoryData<string, int, int>();
        foreach (string transport in (string[])["shm", "tcp"])
        {
            for (int victim = 0; victim < 3; victim++)
            {
                data.Add(transport, 3, victim);
            }

            data.Add(transport, 2, 1);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Victims))]
    public void Kill_InTheMiddleOfACall_EveryOtherRankGetsPeerDied(string transport, int ranks, int victim)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, ranks);
        foreach (string answer in group.Tell("loop 1000000", Deadline))
        {
            Assert.Equal("looping", answer);
        }

        Thread.Sleep(300);
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

    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Mismatch_OfCounts_BothCallsAreNamedOnEveryRank(string transport)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 3);
        string[] answers = group.Tell(rank => rank == 1 ? "mismatch 8" : "mismatch 7", Deadline);
        foreach (string answer in answers)
        {
            Assert.StartsWith("fail CollectiveMismatchException[Mismatch", answer, StringComparison.Ordinal);
        }

        Assert.Contains(answers, answer => answer.Contains("7 elements", StringComparison.Ordinal) && answer.Contains("8 elements", StringComparison.Ordinal));
        Assert.All(group.Tell("mismatch 7", Deadline), answer => Assert.StartsWith("fail CommunicatorFaultException[Mismatch", answer, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Abort_WhileOthersAreInACall_EndsThemWithinASecond(string transport)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 2);
        group.Send(0, "mismatch 100");
        Thread.Sleep(300);
        long start = Stopwatch.GetTimestamp();
        group.Send(1, "abort");
        Assert.StartsWith("fail CommunicatorFaultException[Aborted", group.Read(0, TimeSpan.FromSeconds(1)), StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Dispose_WhileAPeerStillNeedsIt_IsPeerLeft(string transport)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 2);
        group.Send(0, "mismatch 100000");
        group.Send(1, "leave");
        Assert.StartsWith("ok", group.Read(1, Deadline), StringComparison.Ordinal);
        Assert.StartsWith("fail CommunicatorFaultException[PeerLeft", group.Read(0, Deadline), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Deadline_OfALateRank_IsATimeoutThatNamesIt(string transport)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 2, _ => [("RDMACC_TIMEOUT", "1")]);
        group.Send(1, "sleep 5000");
        group.Send(0, "mismatch 10");
        string answer = group.Read(0, TimeSpan.FromSeconds(5));
        Assert.StartsWith("fail CommunicatorFaultException[Timeout", answer, StringComparison.Ordinal);
        Assert.Contains("waits for rank 1", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shm", 10)]
    [InlineData("shm", 100_000)]
    [InlineData("tcp", 10)]
    [InlineData("tcp", 100_000)]
    public void AllReduce_Repeated_AllocatesNothingInTheWholeProcess(string transport, int count)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 2, _ => [WorkerGroup.CompiledOnce]);
        Assert.All(group.Tell($"allocations {count}", TimeSpan.FromSeconds(120)), answer => Assert.Equal("ok 0", answer));
    }
}
