using Microsoft.Extensions.Logging;
using RdmaCollectives.Bootstrap;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Tests.Bootstrap;

/// <summary>A whole world in this process: real sockets to a real rendezvous, or the local control plane.</summary>
internal sealed class TestWorld : IDisposable
{
    public const string Secret = "a secret of the tests, 256 bits would be better";
    public static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    private TestWorld(RendezvousServer? server, IControlPlane[] planes)
    {
        Server = server;
        Planes = planes;
    }

    public RendezvousServer? Server { get; }

    public IControlPlane[] Planes { get; }

    public static RendezvousServer StartServer(int worldSize, string? secret = Secret, ILoggerFactory? log = null, TimeSpan? joinTimeout = null) => RendezvousServer.Start(new RendezvousServerOptions
    {
        WorldSize = worldSize,
        Secret = secret,
        LoggerFactory = log,
        JoinTimeout = joinTimeout ?? TimeSpan.FromSeconds(60),
    });

    public static TestWorld Create(int worldSize, bool local = false)
    {
        if (local)
        {
            return new TestWorld(null, [.. LocalLink.CreateGroup(worldSize)]);
        }

        RendezvousServer server = StartServer(worldSize);
        return new TestWorld(server, Ranks.Run<IControlPlane>(worldSize, rank => Ranks.Join(rank, worldSize, server.EndPoint.Port)));
    }

    /// <summary>Asks and waits for the answer.</summary>
    public static RankStatus? Ask(IControlPlane plane, int peer, ulong sequence)
    {
        ulong question = plane.Ask(peer, sequence);
        Assert.NotEqual(0UL, question);
        RankStatus? status = null;
        Ranks.Await(() => plane.TryTakeAnswer(question, out status), "the answer");
        return status;
    }

    public void Dispose()
    {
        Ranks.LeaveAll(Planes);
        Server?.Dispose();
    }
}
