using System.Diagnostics;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Real processes go on after some of them are killed or stand still.</summary>
public sealed class ShrinkTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    public static TheoryData<string, int, int[]> Victims => new()
    {
        { "shm", 4, [0] },
        { "shm", 4, [2] },
        { "tcp", 4, [0] },
        { "tcp", 4, [3] },
        { "shm", 2, [0] },
        { "shm", 2, [1] },
        { "tcp", 2, [0] },
        { "tcp", 2, [1] },
        { "shm", 5, [0, 3] },
        { "tcp", 5, [1, 0] },
    };

    [Theory]
    [MemberData(nameof(Victims))]
    public void Shrink_AfterKills_SurvivorsSumExactly(string transport, int ranks, int[] victims)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using WorkerGroup group = WorkerGroup.Start(transport, ranks);
        Assert.All(group.Tell("shrink 100 30000", Deadline), answer => Assert.Equal("looping", answer));
        Thread.Sleep(random.Next(300));
        foreach (int victim in victims)
        {
            group.Kill(victim);
            Thread.Sleep(random.Next(60)); // the next one dies while the others agree, or just after
        }

        long start = Stopwatch.GetTimestamp();
        int[] survivors = [.. Enumerable.Range(0, ranks).Except(victims)];
        for (int rank = 0; rank < survivors.Length; rank++)
        {
            string answer = group.Read(survivors[rank], Deadline);
            Assert.StartsWith($"ok {rank} of {survivors.Length}, epoch ", answer, StringComparison.Ordinal);
        }

        output.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms until the last of {survivors.Length} had summed 100 times");
        foreach (int survivor in survivors)
        {
            group.Send(survivor, "sum world 5");
        }

        Assert.All(survivors, survivor => Assert.Equal($"ok {5 * survivors.Length}", group.Read(survivor, Deadline)));
    }

    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Shrink_OfARankThatStandsStill_LeavesItOutAndTellsItWhenItGoesOn(string transport)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 3, _ => [("RDMACC_TIMEOUT", "1")]);
        Assert.All(group.Tell("shrink 100 2000", Deadline), answer => Assert.Equal("looping", answer));
        Thread.Sleep(200);
        Signal("STOP", group.ProcessId(1));
        try
        {
            Assert.StartsWith("ok 0 of 2, epoch 2, were 0 2", group.Read(0, Deadline), StringComparison.Ordinal);
            Assert.StartsWith("ok 1 of 2, epoch 2, were 0 2", group.Read(2, Deadline), StringComparison.Ordinal);
        }
        finally
        {
            Signal("CONT", group.ProcessId(1));
        }

        string told = group.Read(1, Deadline);
        Assert.StartsWith("fail CommunicatorFaultException[Excluded", told, StringComparison.Ordinal);
        Assert.Contains("ranks 0 and 2 of 3 went on without it", told, StringComparison.Ordinal);
    }

    private static void Signal(string name, int process)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{process}"]);
        Assert.True(kill.WaitForExit(5000));
    }
}
