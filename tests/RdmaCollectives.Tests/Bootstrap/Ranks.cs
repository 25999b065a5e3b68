using System.Runtime.ExceptionServices;
using RdmaCollectives.Bootstrap;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>Runs ranks side by side, one thread each, and ends by a deadline whatever they do.</summary>
internal static class Ranks
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static T[] Run<T>(int count, Func<int, T> body)
    {
        var results = new T[count];
        var failures = new Exception?[count];
        Thread[] threads = [.. Enumerable.Range(0, count).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = body(rank);
            }
            catch (Exception e)
            {
                failures[rank] = e;
            }
        })
        { IsBackground = true })];
        Array.ForEach(threads, t => t.Start());
        for (int rank = 0; rank < count; rank++)
        {
            Assert.True(threads[rank].Join(Deadline), $"rank {rank} did not end within {Deadline}");
        }

        if (Array.Find(failures, f => f is not null) is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return results;
    }

    public static void Run(int count, Action<int> body) => Run(count, rank =>
    {
        body(rank);
        return 0;
    });

    /// <summary>Waits for a condition that another thread brings about.</summary>
    public static void Await(Func<bool> condition, string what, double seconds = 10)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(seconds);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, $"{what} did not come within {seconds} s");
            Thread.Sleep(2);
        }
    }

    public static ResolvedOptions Options(int rank, int worldSize, int port, string? secret = TestWorld.Secret) => new()
    {
        Rank = rank,
        WorldSize = worldSize,
        Rendezvous = $"127.0.0.1:{port}",
        Secret = secret is null ? null : System.Text.Encoding.UTF8.GetBytes(secret),
        AllowedTransports = [true, true, true, true],
        JoinTimeout = TimeSpan.FromSeconds(30),
    };

    public static ControlPlane Join(int rank, int worldSize, int port, string? secret = TestWorld.Secret) => RendezvousLink.Join(Options(rank, worldSize, port, secret));

    public static void LeaveAll(IEnumerable<IControlPlane> planes)
    {
        foreach (IControlPlane plane in planes)
        {
            plane.Leave();
            plane.Dispose();
        }
    }
}
