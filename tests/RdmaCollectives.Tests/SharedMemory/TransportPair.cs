using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Memory;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.SharedMemory;

namespace RdmaCollectives.Tests.SharedMemory;

/// <summary>Two ranks of one process, connected over real shared segments.</summary>
internal sealed class TransportPair : IDisposable
{
    public const int SlotBytes = 1024;
    public const int SlotCount = 4;

    private readonly SharedMemoryTransport[] _transports;
    private readonly Connection[][] _connections;

    public TransportPair(SegmentKind kind = SegmentKind.Memfd, int channelCount = 1, int slotBytes = SlotBytes)
    {
        _transports = [NewTransport(0, kind, slotBytes: slotBytes), NewTransport(1, kind, slotBytes: slotBytes)];
        Assert.Null(_transports[0].WhyNotReachable(1, _transports[1].Describe()));
        Assert.Null(_transports[1].WhyNotReachable(0, _transports[0].Describe()));
        using PendingConnection zero = _transports[0].BeginConnect(1, channelCount);
        using PendingConnection one = _transports[1].BeginConnect(0, channelCount);
        _connections = [zero.Complete(one.LocalInfo), one.Complete(zero.LocalInfo)];
        zero.Confirm();
        one.Confirm();
    }

    public SharedMemoryTransport Transport(int rank) => _transports[rank];

    public Connection Connection(int rank, int channel = 0) => _connections[rank][channel];

    public static SharedMemoryTransport NewTransport(int rank, SegmentKind? kind = null, string? hostId = null, int slotBytes = SlotBytes, bool push = true) => new(
        new TransportContext
        {
            Rank = rank,
            WorldSize = 2,
            SlotBytes = slotBytes,
            SlotCount = SlotCount,
            Epoch = 1,
            CommunicatorId = 0x1234_5678,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            Options = new ResolvedOptions { Rank = rank, WorldSize = 2, AllowedTransports = [false, true, false, false], HostId = hostId, Push = push },
            LoggerFactory = NullLoggerFactory.Instance,
        },
        kind);

    /// <summary>A buffer that a rank's peers can pull from and, unless it is sealed, store in, as <c>Communicator.Allocate</c> makes it.</summary>
    public unsafe RegisteredBuffer<byte> Allocate(int rank, int byteCount, string name = "test", bool isSealed = false)
    {
        SharedSegment segment = SharedSegment.Create(name, byteCount, SegmentKind.Memfd, peersWrite: !isSealed);
        var registration = new MemoryRegistration(segment.Address, (nuint)byteCount, segment.Descriptor);
        IDisposable? key = _transports[rank].Register(registration);
        registration.Keys[TransportIndex.SharedMemory] = key;
        return new RegisteredBuffer<byte>(registration, byteCount, () =>
        {
            key?.Dispose();
            segment.Dispose();
        });
    }

    public void Dispose()
    {
        foreach (SharedMemoryTransport transport in _transports)
        {
            transport.Dispose();
        }
    }
}
