using System.Diagnostics;
using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Ranks that cannot be brought together: one clear error that names the value and the remedy, on every rank concerned, within the deadline.</summary>
public sealed class JoinTests
{
    private const string JoinTimeout = "4";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public void Create_WithAnotherSecret_IsRefusedAndTheOthersNameTheMissingRank()
    {
        string[] answers = Launch("tcp", 2, rank => rank == 1 ? [("RDMACC_SECRET", "another secret of the same length")] : []);
        Expect(answers[1], "RendezvousException", "secret");
        Expect(answers[0], "RendezvousException", "rank 1");
    }

    [Fact]
    public void Create_WithARankThatIsTaken_NamesRankAndHolder()
    {
        string[] answers = Launch("tcp", 2, _ => [("RDMACC_RANK", "0")]);
        Assert.Contains(answers, answer => answer.Contains("Rank 0 ", StringComparison.Ordinal) && answer.Contains("process", StringComparison.Ordinal));
        Assert.All(answers, answer => Assert.StartsWith("fail RendezvousException", answer, StringComparison.Ordinal));
    }

    [Fact]
    public void Create_WithARendezvousThatNobodyHosts_NamesItAndTheReason()
    {
        string[] answers = Launch("tcp", 2, _ => [("RDMACC_RENDEZVOUS", "127.0.0.1:1"), ("RDMACC_JOIN_TIMEOUT", "2")]);
        Assert.All(answers, answer => Expect(answer, "RendezvousException", "127.0.0.1:1", "RDMACC_RENDEZVOUS"));
    }

    [Fact]
    public void Create_WithAnInterfaceThatDoesNotExist_NamesItAndThoseThatDo()
    {
        string[] answers = Launch("shm,tcp", 2, _ => [("RDMACC_INTERFACE", "eth77")]);
        Assert.All(answers, answer => Expect(answer, "Exception", "eth77", "lo"));
    }

    [Fact]
    public void Create_WithoutATransportBetweenTwoRanks_TellsTheReasonOfEach()
    {
        string[] answers = Launch("shm", 2, rank => [("RDMACC_HOST_ID", $"host{rank}")]);
        Assert.All(answers, answer => Expect(answer, "RendezvousException", "no transport", "another host", "RDMACC_TRANSPORTS"));
    }

    [Fact]
    public void Create_WithVerbsAlone_WorksOrSaysWhatIsMissing()
    {
        string[] answers = Launch("verbs", 2, _ => []);
        if (answers.All(answer => answer.StartsWith("ready verbs", StringComparison.Ordinal)))
        {
            return; // a machine with RDMA
        }

        Assert.All(answers, answer => Expect(answer, "RendezvousException", "verbs: "));
    }

    [Fact]
    public void Create_WithOptionsThatDiffer_NamesRankAndValues()
    {
        string[] answers = Launch("tcp", 2, rank => [("RDMACC_CHUNK_BYTES", rank == 0 ? "65536" : "131072")]);
        Assert.All(answers, answer => Expect(answer, "RendezvousException", "RDMACC_CHUNK_BYTES", "65536", "131072", "rank 1"));
    }

    [Theory]
    [InlineData("RDMACC_SERVICE_LEVEL", "0", "3")]
    [InlineData("RDMACC_TRAFFIC_CLASS", "104", "0")]
    [InlineData("RDMACC_FLOW_LABEL", "auto", "7")]
    public void Create_WithPacketsMarkedDifferently_NamesVariableRankAndValues(string variable, string first, string second)
    {
        string[] answers = Launch("tcp", 2, rank => [(variable, rank == 0 ? first : second)]);
        Assert.All(answers, answer => Expect(answer, "RendezvousException", $"{variable} is {first} on rank 0 and {second} on rank 1"));
    }

    [Fact]
    public void Create_WithARankOutOfRange_NamesVariableValueAndLimit()
    {
        string[] answers = Launch("tcp", 2, rank => rank == 1 ? [("RDMACC_RANK", "7")] : []);
        Expect(answers[1], "ArgumentException", "RDMACC_RANK", "7", "0 to 1");
    }

    // The first line of every rank.
    private static string[] Launch(string transport, int ranks, Func<int, IEnumerable<(string Name, string Value)>> environment)
    {
        using WorkerGroup group = WorkerGroup.Launch(transport, ranks, rank => [("RDMACC_JOIN_TIMEOUT", JoinTimeout), .. environment(rank)]);
        long start = Stopwatch.GetTimestamp();
        string[] answers = [.. Enumerable.Range(0, ranks).Select(rank => group.Read(rank, Deadline - Stopwatch.GetElapsedTime(start)))];
        return answers;
    }

    private static void Expect(string answer, string exception, params string[] parts)
    {
        Assert.StartsWith("fail ", answer, StringComparison.Ordinal);
        Assert.Contains(exception, answer, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, answer, StringComparison.OrdinalIgnoreCase));
    }
}
