using System.Diagnostics;
using System.Net;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>Ranks as threads of this process that meet as processes do, each on a host of its own: rank r on host r + 1. Cheap beside ranks that are processes, and what they leave behind can be counted.</summary>
internal sealed class VerbsWorld : IDisposable
{
    /// <summary>What <see cref="Check"/> sums; each rank sends about as much.</summary>
    public const int CheckBytes = CheckCount * sizeof(int);

    private const int CheckCount = 30_000;

    /// <summary>For what no test is about.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Communicator[] _ranks;

    /// <param name="change">What else the options of a rank say.</param>
    /// <param name="ranks">How many; as many hosts as there are at most.</param>
    public VerbsWorld(Action<int, CommunicatorOptions>? change = null, int ranks = 2)
    {
        Attempt[] attempts = Join(change, ranks);
        _ranks = [.. attempts.Select(attempt => attempt.Communicator!)];
        if (Array.Find(attempts, attempt => attempt.Error is not null) is { } failed)
        {
            Dispose();
            throw failed.Error!;
        }
    }

    public IReadOnlyList<Communicator> Ranks => _ranks;

    /// <summary>The ranks try to make a communicator. How it went at each, and when it was known there.</summary>
    public static Attempt[] Join(Action<int, CommunicatorOptions>? change = null, int ranks = 2)
    {
        const string secret = "the secret of a world over verbs";
        using RendezvousServer server = RendezvousServer.Start(new RendezvousServerOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), WorldSize = ranks, Secret = secret });
        long start = Stopwatch.GetTimestamp();
        Task<Attempt>[] joining = [.. Enumerable.Range(0, ranks).Select(rank => JoinOne(rank))];
        return Task.WhenAll(joining).WaitAsync(Deadline).GetAwaiter().GetResult();

        async Task<Attempt> JoinOne(int rank)
        {
            var options = new CommunicatorOptions
            {
                Rank = rank,
                WorldSize = ranks,
                Rendezvous = $"127.0.0.1:{server.EndPoint.Port}",
                Secret = secret,
                HostId = $"host{rank + 1}",
                Transports = "verbs",
                Device = SoftRoceHosts.Device(rank + 1),
                SpinMicroseconds = 0,
                Timeout = Deadline,
                JoinTimeout = Deadline,
            };
            change?.Invoke(rank, options);
            try
            {
                return new Attempt(await Communicator.CreateAsync(options), null, Stopwatch.GetElapsedTime(start));
            }
            catch (CollectiveException error) // any other is a mistake of the test, and the other rank waits for its own deadline
            {
                return new Attempt(null, error, Stopwatch.GetElapsedTime(start));
            }
        }
    }

    /// <summary>The sum over both ranks is right, also where it takes many packets.</summary>
    public void Check() => Run(rank =>
    {
        int[] values = [.. Enumerable.Range(rank.Rank, CheckCount)];
        rank.AllReduce(values.AsSpan(), ReduceOp.Sum);
        Assert.Equal(Enumerable.Range(0, CheckCount).Select(i => (2 * i) + 1), values);
    });

    /// <summary>Runs something on every rank, each on a thread of its own.</summary>
    public void Run(Action<Communicator> body)
    {
        Task[] running = [.. _ranks.Select(rank => Task.Factory.StartNew(() => body(rank), TaskCreationOptions.LongRunning))];
        Task.WhenAll(running).WaitAsync(Deadline).GetAwaiter().GetResult();
    }

    public void Dispose() => Task.WhenAll(_ranks.Select(rank => Task.Factory.StartNew(() => rank?.Dispose(), TaskCreationOptions.LongRunning))).WaitAsync(Deadline).GetAwaiter().GetResult();

    /// <param name="Communicator">Null where it failed.</param>
    /// <param name="Error">Null where it did not.</param>
    /// <param name="After">The time that it took.</param>
    internal sealed record Attempt(Communicator? Communicator, CollectiveException? Error, TimeSpan After);
}
