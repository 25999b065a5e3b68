using System.Globalization;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Ranks where something is missing or small, as in containers: they go the next best way, or say in words what is missing.</summary>
public sealed class RestrictedTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("memfd_create")]
    [InlineData("memfd_create,process_vm_readv,pidfd_open")]
    public void Forbidden_SystemCalls_SharedMemoryAllTheSame(string calls)
    {
        using WorkerGroup group = WorkerGroup.Start("shm,tcp", 4, _ => [(ForbiddenCalls, calls)]);
        Assert.All(group.Transports, transports => Assert.Contains("shm to rank", transports, StringComparison.Ordinal));
        Assert.All(group.Transports, transports => Assert.DoesNotContain("tcp to rank", transports, StringComparison.Ordinal));
        AssertWorks(group);
    }

    [Fact]
    public void Forbidden_Pidfds_DeathIsNoticedByTheConnection()
    {
        using WorkerGroup group = WorkerGroup.Start("shm", 3, _ => [(ForbiddenCalls, "pidfd_open")]);
        Assert.All(group.Tell("loop 1000", Deadline), answer => Assert.Equal("looping", answer));
        group.Kill(1);
        Assert.All((int[])[0, 2], rank => Assert.StartsWith("fail CommunicatorFaultException[PeerDied, rank -1, peer 1]", Said(rank, group.Read(rank, Deadline)), StringComparison.Ordinal));
    }

    /// <summary>No memfd, and no room for the slots: pairs go over TCP.</summary>
    [Fact]
    public void Small_SharedMemoryWithoutMemfds_GoesOverTcp()
    {
        Assert.SkipWhen(SmallSharedMemory.WhyNot() is not null, SmallSharedMemory.WhyNot() ?? "");
        using var small = new SmallSharedMemory("1m");
        using WorkerGroup group = WorkerGroup.Start("shm,tcp", 3, _ => [(ForbiddenCalls, "memfd_create")], _ => small.Starter);
        Assert.All(group.Transports, transports => Assert.DoesNotContain("shm to rank", transports, StringComparison.Ordinal));
        Assert.All(group.Transports, transports => Assert.Contains("tcp to rank", transports, StringComparison.Ordinal));
        AssertWorks(group);
        Assert.All(group.Tell("split part world 0 0", Deadline), static answer => Assert.StartsWith("ok", answer, StringComparison.Ordinal));
        foreach (string warnings in group.Tell("warnings", Deadline))
        {
            output.WriteLine(warnings);
            Assert.StartsWith("ok 1: Rank ", warnings, StringComparison.Ordinal); // not once more for the part
            Assert.Contains("does without shm: ", warnings, StringComparison.Ordinal);
            Assert.Contains("/dev/shm", warnings, StringComparison.Ordinal);
            Assert.Contains("--shm-size", warnings, StringComparison.Ordinal);
        }
    }

    /// <summary>As a container has it by default, with a buffer of the library's that is larger, and no memfd: few ranks have room for their slots, many go over TCP, and a buffer that nobody else could open does not take any.</summary>
    [Theory]
    [InlineData(2, "shm to rank")]
    [InlineData(8, "shm to rank")]
    [InlineData(16, "tcp to rank")]
    public void Small_SharedMemoryOf64Mebibytes_BuffersMayBeLarger(int ranks, string expected)
    {
        Assert.SkipWhen(SmallSharedMemory.WhyNot() is not null, SmallSharedMemory.WhyNot() ?? "");
        using var small = new SmallSharedMemory("64m");
        using WorkerGroup group = WorkerGroup.Start("shm,tcp", ranks, _ => [(ForbiddenCalls, "memfd_create")], _ => small.Starter);
        Assert.All(group.Transports, transports => Assert.Contains(expected, transports, StringComparison.Ordinal));
        foreach (int count in (int[])[1000, ranks == 2 ? 24 << 20 : 1 << 20]) // 96 MiB in each of two
        {
            Assert.All(group.Tell($"allocate {count}", Deadline), answer => Assert.Equal($"ok {count}", answer));
        }
    }

    /// <summary>The same where shared memory alone is allowed: one error on every rank, with the size, the place and the remedy.</summary>
    [Fact]
    public void Small_SharedMemoryAndNothingElse_OneClearError()
    {
        Assert.SkipWhen(SmallSharedMemory.WhyNot() is not null, SmallSharedMemory.WhyNot() ?? "");
        using var small = new SmallSharedMemory("1m");
        using WorkerGroup group = WorkerGroup.Launch("shm", 3, _ => [(ForbiddenCalls, "memfd_create")], _ => small.Starter);
        for (int rank = 0; rank < 3; rank++)
        {
            string answer = Said(rank, group.Read(rank, Deadline));
            Assert.StartsWith("fail ", answer, StringComparison.Ordinal);
            Assert.Contains("/dev/shm", answer, StringComparison.Ordinal);
            Assert.Contains("--shm-size", answer, StringComparison.Ordinal);
        }
    }

    /// <summary>A memfd does not lie in /dev/shm, however small that is.</summary>
    [Fact]
    public void Small_SharedMemory_IsNotNeeded()
    {
        Assert.SkipWhen(SmallSharedMemory.WhyNot() is not null, SmallSharedMemory.WhyNot() ?? "");
        using var small = new SmallSharedMemory("64k");
        using WorkerGroup group = WorkerGroup.Start("shm", 4, starter: _ => small.Starter);
        AssertWorks(group);
    }

    /// <summary>
    /// Four ranks share half a processor. They yield and then wait asleep, so that what time there is goes to who has something to do: ranks that spin without end (RDMACC_WAIT=busy) use it up, and are stopped in more than 80 periods.
    /// </summary>
    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Processors_Half_RanksDoNotCrawl(string transport)
    {
        Assert.SkipWhen(CpuQuota.WhyNot() is not null, CpuQuota.WhyNot() ?? "");
        using var quota = new CpuQuota(0.5);
        using WorkerGroup group = WorkerGroup.Start(transport, 4, starter: _ => quota.Starter);
        AssertWorks(group);
        long before = quota.Throttled();
        const int calls = 300;
        for (int call = 0; call < calls; call++)
        {
            Assert.All(group.Tell("mismatch 2", Deadline), static said => Assert.Equal("ok 2", said));
        }

        long periods = quota.Throttled() - before;
        output.WriteLine($"{calls} calls, stopped in {periods} periods");
        Assert.True(periods < calls / 10, $"{periods} periods in which the ranks had used up their time, in {calls} calls");
    }

    [Theory]
    [InlineData("shm")]
    [InlineData("tcp")]
    public void Files_256_EnoughForEightRanks(string transport)
    {
        using WorkerGroup group = WorkerGroup.Start(transport, 8, starter: _ => ["prlimit", "--nofile=256"]);
        AssertWorks(group);
    }

    /// <summary>More files than the limit of one rank allows, beside what its runtime has open (some sixty): one error on every rank, with the remedy.</summary>
    [Theory]
    [InlineData("shm", 8, 2, 106)]
    [InlineData("tcp", 4, 16, 100)]
    public void Files_TooFew_OneClearError(string transport, int ranks, int channels, int limit)
    {
        using WorkerGroup group = WorkerGroup.Launch(transport, ranks, _ => [("RDMACC_CHANNELS", $"{channels}")], rank => rank == 2 ? ["prlimit", $"--nofile={limit}"] : []);
        for (int rank = 0; rank < ranks; rank++)
        {
            string answer = Said(rank, group.Read(rank, Deadline));
            Assert.StartsWith("fail ", answer, StringComparison.Ordinal);
            Assert.Contains("ulimit -n", answer, StringComparison.Ordinal);
        }
    }

    private const string ForbiddenCalls = "TEST_FORBIDDEN_CALLS";

    private static void AssertWorks(WorkerGroup group)
    {
        foreach (int count in (int[])[2, 10_000, 1_000_000])
        {
            string answer = $"ok {count.ToString(CultureInfo.InvariantCulture)}";
            Assert.All(group.Tell($"mismatch {count}", Deadline), said => Assert.Equal(answer, said));
        }
    }

    private string Said(int rank, string answer)
    {
        output.WriteLine($"rank {rank}: {answer}");
        return answer;
    }
}
