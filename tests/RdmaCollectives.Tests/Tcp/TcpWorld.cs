using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.Tcp;
using TransportContext = RdmaCollectives.Transports.TransportContext;

namespace RdmaCollectives.Tests.Tcp;

/// <summary>Transports of several ranks in this process, connected all to all over real loopback sockets.</summary>
internal sealed class TcpWorld : IDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static readonly LocalAddress Loopback4 = new("lo", IPAddress.Loopback, IsUp: true, IsLoopback: true, 0);
    public static readonly LocalAddress Loopback6 = new("lo", IPAddress.IPv6Loopback, IsUp: true, IsLoopback: true, 0);

    private readonly Dictionary<(int, int), Connection[]> _connections = [];

    private Func<byte[], byte[]> _detour = static info => info;

    private TcpWorld(TcpTransport[] transports) => Transports = transports;

    public TcpTransport[] Transports { get; }

    /// <summary>The end of <paramref name="rank"/> of its connection with <paramref name="peer"/>.</summary>
    public Connection this[int rank, int peer, int channel = 0] => _connections[(rank, peer)][channel];

    public static TransportContext Context(int rank, int worldSize, int slotBytes = 4096, int slotCount = 4, TimeSpan? timeout = null, string? networkInterface = null, ILoggerFactory? loggerFactory = null, EncryptionScope encryption = EncryptionScope.Off) => new()
    {
        Rank = rank,
        WorldSize = worldSize,
        SlotBytes = slotBytes,
        SlotCount = slotCount,
        Epoch = 1,
        CommunicatorId = 42,
        ConnectTimeout = timeout ?? Deadline,
        Options = new ResolvedOptions { Rank = rank, WorldSize = worldSize, AllowedTransports = [true, true, true, true], Interface = networkInterface, Encryption = encryption },
        LoggerFactory = loggerFactory ?? NullLoggerFactory.Instance,
    };

    public static TcpWorld Create(int slotBytes = 4096, int slotCount = 4, int ranks = 2, int channels = 1, int? socketBufferBytes = null, LocalAddress? address = null, int? otherSlotBytes = null, EncryptionScope encryption = EncryptionScope.Off, long recordsPerKey = RecordCipher.RecordsPerKey)
    {
        TcpSettings settings = new() { SocketBufferBytes = socketBufferBytes, Addresses = [address ?? Loopback4], RecordsPerKey = recordsPerKey };
        TcpTransport[] transports = [.. Enumerable.Range(0, ranks).Select(rank => new TcpTransport(Context(rank, ranks, rank == 1 ? otherSlotBytes ?? slotBytes : slotBytes, slotCount, encryption: encryption), settings))];
        TcpWorld world = new(transports);
        world.Connect(channels, (rank, peers) => peers);
        return world;
    }

    /// <summary>Of transports that are not connected yet.</summary>
    public static TcpWorld Of(TcpTransport[] transports) => new(transports);

    /// <summary>Two ranks, encrypted or not, with somebody between them: rank 0 finds rank 1 where <paramref name="proxyFor"/> listens for the port that it is given.</summary>
    public static TcpWorld Through(Func<int, int> proxyFor, EncryptionScope encryption, int slotBytes = 4096)
    {
        TcpSettings settings = new() { Addresses = [Loopback4] };
        TcpWorld world = new([new TcpTransport(Context(0, 2, slotBytes, encryption: encryption), settings), new TcpTransport(Context(1, 2, slotBytes, encryption: encryption), settings)]);
        world._detour = info =>
        {
            int length = BitConverter.ToInt32(info);
            TcpDescription said = TcpDescription.Parse(info.AsSpan(sizeof(int), length));
            byte[] changed = (said with { Candidates = [.. said.Candidates.Select(candidate => candidate with { Port = proxyFor(candidate.Port) })] }).ToBytes();
            return [.. BitConverter.GetBytes(changed.Length), .. changed, .. info.AsSpan(sizeof(int) + length)];
        };
        world.Connect(1, (rank, peers) => peers);
        return world;
    }

    /// <summary>Connects all to all; <paramref name="order"/> says in which order a rank completes its peers.</summary>
    public void Connect(int channels, Func<int, int[], IEnumerable<int>> order)
    {
        int ranks = Transports.Length;
        Dictionary<(int, int), PendingConnection> pending = [];
        for (int rank = 0; rank < ranks; rank++)
        {
            for (int peer = 0; peer < ranks; peer++)
            {
                if (peer != rank)
                {
                    pending[(rank, peer)] = Transports[rank].BeginConnect(peer, channels);
                }
            }
        }

        Task[] tasks = [.. Enumerable.Range(0, ranks).Select(rank => Task.Factory.StartNew(
            () =>
            {
                foreach (int peer in order(rank, [.. Enumerable.Range(0, ranks).Where(peer => peer != rank)]))
                {
                    Connection[] connections = pending[(rank, peer)].Complete(rank < peer ? _detour(pending[(peer, rank)].LocalInfo) : pending[(peer, rank)].LocalInfo);
                    pending[(rank, peer)].Confirm();
                    lock (_connections)
                    {
                        _connections[(rank, peer)] = connections;
                    }
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];
        Assert.True(Task.WaitAll(tasks, Deadline + Deadline), "The ranks did not connect in time.");
        foreach (PendingConnection each in pending.Values)
        {
            each.Dispose();
        }
    }

    /// <summary>Turns every transport until <paramref name="condition"/>.</summary>
    public void Until(Func<bool> condition, string what) => Until(condition, what, Transports);

    public static void Until(Func<bool> condition, string what, params Transport[] transports)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            foreach (Transport transport in transports)
            {
                transport.Progress();
            }

            Thread.Yield();
            Assert.True(Stopwatch.GetElapsedTime(start) < Deadline, $"Not in time: {what}.");
        }
    }

    /// <summary>A thread of its own that does not keep the process alive when the test has failed; its own failure comes out of the wait for it.</summary>
    public static Task Start(Action action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public static void Finish(Task task) => Assert.True(task.Wait(Deadline), "A thread of the test did not end in time.");

    public void Dispose()
    {
        foreach (TcpTransport transport in Transports)
        {
            transport.Dispose();
        }
    }
}
