using RdmaCollectives.Testing;

namespace RdmaCollectives.Processes.Tests;

/// <summary>Groups of processes; one at a time is alive, since cases come sorted by group.</summary>
public sealed class RankGroups : IDisposable
{
    /// <summary>Two ranks a "host" (RDMACC_HOST_ID), shared memory inside and TCP between.</summary>
    public const string Mixed = "shm,tcp";

    private (string Transport, int Ranks) _key;
    private WorkerGroup? _group;

    internal WorkerGroup Get(string transport, int ranks)
    {
        if (_group is null || _key != (transport, ranks))
        {
            _group?.Dispose();
            _group = null;
            _group = Start(transport, ranks);
            _key = (transport, ranks);
            AssertTransports(transport, ranks);
        }

        return _group;
    }

    /// <summary>Starts a group of its own.</summary>
    internal static WorkerGroup Start(string transport, int ranks) =>
        WorkerGroup.Start(transport, ranks, rank => transport == Mixed ? [("RDMACC_HOST_ID", $"host-{rank / 2}")] : []);

    public void Dispose() => _group?.Dispose();

    private void AssertTransports(string transport, int ranks)
    {
        foreach (string transports in _group!.Transports)
        {
            Assert.All(ranks == 1 ? [] : transport.Split(','), name => Assert.Contains($"{name} to rank", transports, StringComparison.Ordinal));
        }
    }
}
