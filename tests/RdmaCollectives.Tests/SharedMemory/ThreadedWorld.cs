using System.Net;
using RdmaCollectives.Bootstrap;

namespace RdmaCollectives.Tests.SharedMemory;

/// <summary>Ranks as threads of this process that meet as processes do, and exchange over real shared segments.</summary>
internal sealed class ThreadedWorld : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly RendezvousServer _server;
    private readonly Communicator[] _ranks;

    public ThreadedWorld(int ranks, CommunicatorOptions options)
    {
        const string secret = "the secret of a threaded world";
        _server = RendezvousServer.Start(new RendezvousServerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), WorldSize = ranks, Secret = secret });
        Task<Communicator>[] joining = [.. Enumerable.Range(0, ranks).Select(rank => Communicator.CreateAsync(new CommunicatorOptions
        {
            Rank = rank,
            WorldSize = ranks,
            Rendezvous = $"127.0.0.1:{_server.EndPoint.Port}",
            Secret = secret,
            Transports = "shm",
            ChunkBytes = options.ChunkBytes,
            Push = options.Push,
            Timeout = Deadline,
        }))];
        _ranks = Task.WhenAll(joining).WaitAsync(Deadline).GetAwaiter().GetResult();
    }

    public IReadOnlyList<Communicator> Ranks => _ranks;

    /// <summary>Runs something on every rank, each on a thread of its own.</summary>
    public void Run(Action<Communicator> body)
    {
        Task[] running = [.. _ranks.Select(rank => Task.Factory.StartNew(() => body(rank), TaskCreationOptions.LongRunning))];
        Task.WhenAll(running).WaitAsync(Deadline).GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        Parallel.ForEach(_ranks, new ParallelOptions { MaxDegreeOfParallelism = _ranks.Length }, static rank => rank.Dispose());
        _server.Dispose();
    }
}
