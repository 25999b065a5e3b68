using System.Diagnostics;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>One communicator over two transports: ranks in pairs, each pair a "host" of its own (RDMACC_HOST_ID), shared memory inside and TCP between.</summary>
public sealed class MixedTransportTests(MixedTransportTests.Group shared) : IClassFixture<MixedTransportTests.Group>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static TheoryData<string> Cases() => [.. MatrixCases.AllReduces.Select(row => row.ToString())];

    [Fact]
    public void Transports_FourRanksOnTwoHosts_AreBothInUseByEveryRank()
    {
        for (int rank = 0; rank < 4; rank++)
        {
            string transports = shared.Workers.Transports[rank];
            Assert.Contains("shm", transports, StringComparison.Ordinal);
            Assert.Contains("tcp", transports, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AllReduce_OverTwoTransports_IsExact(string row) =>
        Assert.All(shared.Workers.Tell($"case {row}", Deadline), answer => Assert.Equal($"ok {row}", answer));

    [Theory]
    [InlineData(10)]
    [InlineData(50_000)]
    public void AllReduce_RepeatedOverTwoTransports_AllocatesNothingInTheWholeProcess(int count)
    {
        using WorkerGroup group = Start(WorkerGroup.CompiledOnce);
        Assert.All(group.Tell($"allocations {count}", TimeSpan.FromSeconds(180)), answer => Assert.Equal("ok 0", answer));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Kill_InTheMiddleOfACall_EveryOtherRankGetsPeerDied(int victim)
    {
        using WorkerGroup group = Start();
        Assert.All(group.Tell("loop 100000", Deadline), answer => Assert.Equal("looping", answer));
        Thread.Sleep(300);
        long start = Stopwatch.GetTimestamp();
        group.Kill(victim);
        for (int rank = 0; rank < 4; rank++)
        {
            if (rank != victim)
            {
                Assert.StartsWith("fail CommunicatorFaultException[PeerDied", group.Read(rank, TimeSpan.FromSeconds(4)), StringComparison.Ordinal);
            }
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(4), $"It took {Stopwatch.GetElapsedTime(start)}.");
    }

    /// <summary>One rank may use shared memory, the other may not: both come to the same algorithm, at sizes around those where it depends on the transport too.</summary>
    [Fact]
    public void AllReduce_OfRanksThatMayUseDifferentTransports_GoesOverTheOneThatBothMay()
    {
        using WorkerGroup group = WorkerGroup.Start("tcp", 2, rank => rank == 0 ? [("RDMACC_TRANSPORTS", "shm,tcp")] : []);
        Assert.All(group.Transports, transports => Assert.Contains("tcp to rank", transports, StringComparison.Ordinal));
        foreach (int count in (int[])[2, 4_000, 6_000, 8_192, 100_000])
        {
            Assert.All(group.Tell($"mismatch {count}", Deadline), answer => Assert.Equal($"ok {count}", answer));
        }
    }

    /// <summary>Who does not open its outputs gets results through slots; who does gets them where they belong.</summary>
    [Fact]
    public void AllReduce_OfRanksOfWhichOneOpensItsOutputs_IsExact()
    {
        using WorkerGroup group = WorkerGroup.Start("shm", 3, rank => [("RDMACC_PUSH", rank == 1 ? "0" : "1")]);
        foreach (string row in MatrixCases.AllReduces.Where(row => row.Allocated).Select(row => row.ToString()))
        {
            Assert.All(group.Tell($"case {row}", Deadline), answer => Assert.Equal($"ok {row}", answer));
        }
    }

    private static WorkerGroup Start(params (string Name, string Value)[] environment) =>
        WorkerGroup.Start("shm,tcp", 4, rank => [("RDMACC_HOST_ID", $"host-{rank / 2}"), .. environment]);

    /// <summary>The ranks, started once.</summary>
    public sealed class Group : IDisposable
    {
        public WorkerGroup Workers { get; } = Start();

        public void Dispose() => Workers.Dispose();
    }
}
