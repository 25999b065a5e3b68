using System.Diagnostics;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Configuration;
using RdmaCollectives.Tests.Execution;
using RdmaCollectives.Transports.Loopback;

namespace RdmaCollectives.Tests.Topology;

/// <summary>Ranks that fail, or differ, while the communicator is made: every rank is told, soon, and why.</summary>
public sealed class CreationTests
{
    private static ResolvedOptions Options(int rank, int ranks) => OptionResolver.Resolve(
        new CommunicatorOptions { ChunkBytes = 4096, JoinTimeout = TimeSpan.FromSeconds(20) },
        new OptionInputs(new Dictionary<string, string>(StringComparer.Ordinal), File.ReadAllText)) with
    { Rank = rank, WorldSize = ranks };

    public static TheoryData<string> Differences() => ["RDMACC_CHUNK_BYTES", "RDMACC_SLOTS", "RDMACC_CHANNELS"];

    [Theory]
    [MemberData(nameof(Differences))]
    public void Create_OneRankHasAnotherValue_EveryRankNamesItAndTheValues(string name)
    {
        Exception?[] errors = Create(3, new LoopbackFabric(3), (rank, options) => rank != 2 ? options : name switch
        {
            "RDMACC_CHUNK_BYTES" => options with { ChunkBytes = 8192 },
            "RDMACC_SLOTS" => options with { Slots = 8 },
            _ => options with { Channels = 5 },
        });
        foreach (Exception? error in errors)
        {
            var rendezvous = Assert.IsType<RendezvousException>(error);
            Assert.Equal(2, rendezvous.Peer);
            Assert.Contains($"{name} is ", rendezvous.Message, StringComparison.Ordinal);
            Assert.Contains("on rank 2", rendezvous.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Create_OneRankFailsAtItsTransport_TheOthersAreToldWhoAndWhyAndDoNotWaitForTheDeadline()
    {
        long start = Stopwatch.GetTimestamp();
        Exception?[] errors = Create(3, new LoopbackFabric(2), (_, options) => options); // a fabric without a place for rank 2
        Assert.IsType<IndexOutOfRangeException>(errors[2]);
        for (int rank = 0; rank < 2; rank++)
        {
            var fault = Assert.IsType<CommunicatorFaultException>(errors[rank]);
            Assert.Equal(2, fault.Peer);
            Assert.Contains("Rank 2 could not join", fault.Message, StringComparison.Ordinal);
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Create_LocalRankIsGiven_IsTaken()
    {
        ControlPlane[] controls = LocalLink.CreateGroup(1);
        using Communicator communicator = CommunicatorFactory.CreateLocal(Options(0, 1) with { LocalRank = 3 }, controls[0], new LoopbackFabric(1));
        Assert.Equal(3, communicator.LocalRank);
    }

    private static Exception?[] Create(int ranks, LoopbackFabric fabric, Func<int, ResolvedOptions, ResolvedOptions> change)
    {
        ControlPlane[] controls = LocalLink.CreateGroup(ranks);
        Task<Exception?>[] running = [.. Enumerable.Range(0, ranks).Select(rank => Deadline.Start(() =>
            CommunicatorFactory.CreateLocal(change(rank, Options(rank, ranks)), controls[rank], fabric).Dispose()))];
        return [.. running.Select(Deadline.Wait)];
    }
}
