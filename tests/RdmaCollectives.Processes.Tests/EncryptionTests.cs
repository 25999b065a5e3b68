using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Payload that is encrypted between processes: right sums, and said so; ranks that do not agree on it do not start.</summary>
public sealed class EncryptionTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("tcp", "tcp")]
    [InlineData("tcp", "all")]
    [InlineData("shm,tcp", "tcp")]
    public void Calls_WithEncryptedTcp_AreRight(string transports, string scope)
    {
        using WorkerGroup group = WorkerGroup.Start(transports, 4, rank => [("RDMACC_ENCRYPT", scope), ("RDMACC_HOST_ID", transports == "tcp" ? "one" : $"host-{rank / 2}")]);
        Assert.All(group.Transports, line => Assert.Contains("tcp, encrypted (AES-256-GCM), listening", line, StringComparison.Ordinal));
        foreach (int count in (int[])[1, 100, 40_009, 1_000_003])
        {
            string expected = $"ok {ExactSum.Expected(4, count)}";
            Assert.All(group.Tell($"exact-sum {count}", Deadline), answer => Assert.Equal(expected, answer));
        }

        Assert.All(group.Tell("rank-order 5000", Deadline), answer => Assert.Equal("ok 5000", answer));
    }

    [Fact]
    public void AllReduce_EncryptedAndRepeated_AllocatesNothingInTheWholeProcess()
    {
        using WorkerGroup group = WorkerGroup.Start("tcp", 2, _ => [("RDMACC_ENCRYPT", "tcp"), WorkerGroup.CompiledOnce]);
        Assert.All(group.Tell("allocations 100000 600", TimeSpan.FromSeconds(120)), answer => Assert.Equal("ok 0", answer));
    }

    [Fact]
    public void Create_OneRankWithoutEncryption_IsRefusedOnEveryRankWithBothValues()
    {
        using WorkerGroup group = WorkerGroup.Launch("tcp", 2, rank => [("RDMACC_ENCRYPT", rank == 0 ? "tcp" : "off")]);
        for (int rank = 0; rank < 2; rank++)
        {
            Assert.Contains("RDMACC_ENCRYPT is Tcp on rank 0 and Off on rank 1", group.Read(rank, Deadline), StringComparison.Ordinal);
        }
    }
}
