using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.Rdma;

namespace RdmaCollectives.SoftRoce.Tests;

/// <summary>Two verbs transports in this process, on hosts 1 and 2, with one rail or two, and connected: what the one sends the other receives, and nothing is between them and the test.</summary>
internal sealed class TransportPair : IDisposable
{
    public const int SlotBytes = 4096;

    private readonly Side[] _sides = [new(), new()];
    private readonly int _slotBytes;

    public TransportPair(int rails, long? registeredMemory = null, bool adaptiveRouting = false, ILoggerFactory? loggers = null, int slotBytes = SlotBytes)
    {
        _slotBytes = slotBytes;
        (_sides[0].Other, _sides[1].Other) = (_sides[1], _sides[0]);
        First = new RdmaTransport(Context(0, rails, registeredMemory, adaptiveRouting, loggers));
        Second = new RdmaTransport(Context(1, rails, registeredMemory, adaptiveRouting, loggers: null));
        try
        {
            Assert.Null(First.WhyNotReachable(1, Second.Describe()));
            Assert.Null(Second.WhyNotReachable(0, First.Describe()));
            using PendingConnection to = First.BeginConnect(1, rails);
            using PendingConnection from = Second.BeginConnect(0, rails);
            ToSecond = to.Complete(from.LocalInfo)[0];
            ToFirst = from.Complete(to.LocalInfo)[0];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public RdmaTransport First { get; }

    public RdmaTransport Second { get; }

    /// <summary>Channel 0, at the first's end.</summary>
    public Connection ToSecond { get; }

    /// <summary>Channel 0, at the second's end.</summary>
    public Connection ToFirst { get; }

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
    }

    private TransportContext Context(int rank, int rails, long? registeredMemory, bool adaptiveRouting, ILoggerFactory? loggers) => new()
    {
        Rank = rank,
        WorldSize = 2,
        SlotBytes = _slotBytes,
        SlotCount = 4,
        Epoch = 1,
        CommunicatorId = 42,
        ConnectTimeout = TimeSpan.FromSeconds(60),
        SideChannel = _sides[rank],
        Options = new ResolvedOptions
        {
            Rank = rank,
            WorldSize = 2,
            Channels = rails,
            RegisteredMemory = registeredMemory,
            AdaptiveRouting = adaptiveRouting,
            AllowedTransports = [true, true, true, true],
            Device = string.Join(',', Enumerable.Range(0, rails).Select(rail => SoftRoceHosts.Device(rank + 1, rail))),
        },
        LoggerFactory = loggers ?? NullLoggerFactory.Instance,
    };

    /// <summary>The control plane between two ranks of one process is a call.</summary>
    private sealed class Side : ISideChannel
    {
        public Side Other { get; set; } = null!;

        public Action<int, ReadOnlyMemory<byte>>? Came { get; set; }

        public void Send(int peer, ReadOnlyMemory<byte> message) => Other.Came?.Invoke(1 - peer, message);

        public void WakeSleepers()
        {
        }
    }
}
