using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using RdmaCollectives.Fuzz.Engine;
using RdmaCollectives.Memory;
using RdmaCollectives.Transports;
using RdmaCollectives.Transports.SharedMemory;

namespace RdmaCollectives.Fuzz.Parsers;

/// <summary>
/// A line of a shared-memory FIFO, as a peer of the host writes it into its own memory: header, place of the payload, registration. Whatever it says, what is read lies in memory that is mapped for that.
/// An input is the seven words behind the number.
/// </summary>
internal sealed unsafe class SharedMemoryLineTarget : FuzzTarget
{
    private const int WordBytes = (Line.WordCount - 1) * sizeof(ulong);
    private const int RegisteredBytes = 8192;

    private static readonly OutboxLayout s_layout = new(1, 1024, 2);

    private readonly SharedMemoryTransport _own = NewTransport(0);
    private readonly SharedMemoryTransport _other = NewTransport(1);
    private readonly PeerRank _peer;
    private readonly byte* _outbox = (byte*)NativeMemory.AlignedAlloc((nuint)s_layout.ByteCount, 4096);
    private readonly byte* _inbox = (byte*)NativeMemory.AlignedAlloc((nuint)s_layout.ByteCount, 4096);
    private readonly SharedSegment _registered = SharedSegment.Create("fuzz", RegisteredBytes, SegmentKind.Memfd, peersWrite: false);
    private readonly IDisposable? _registration;
    private readonly RegistrationKey _key;
    private long _sum;

    public SharedMemoryLineTarget()
    {
        RankDescription description = RankDescription.Read(_other.Describe())!;
        _peer = PeerRank.TryReach(1, description, out string? whyNot) ?? throw new InvalidOperationException(whyNot);
        var registration = new MemoryRegistration(_registered.Address, RegisteredBytes, _registered.Descriptor);
        _registration = _other.Register(registration);
        _key = (RegistrationKey)_registration!;
    }

    public override string Name => "shm-line";

    public override IReadOnlyList<string> Sources => ["SharedMemory/SharedMemoryConnection.cs", "SharedMemory/PeerMappings.cs", "SharedMemory/ReceiveRing.cs"];

    public override bool TakesItsSamples => false;

    public override Sample Generate(Random random)
    {
        PulledRange range = _key.RangeAt(_registered.Address + (64 * random.Next(RegisteredBytes / 64)));
        int place = random.Next(3);
        var header = new MessageHeader { ByteCount = (uint)(place == (int)PayloadPlace.Line ? random.Next(40) : random.Next(1100)), Epoch = 1 };
        byte[] bytes = new byte[WordBytes];
        MemoryMarshal.Write(bytes, in header);
        BitConverter.TryWriteBytes(bytes.AsSpan(16), (ulong)(uint)place | (place == (int)PayloadPlace.Registration ? (ulong)(uint)range.Index << Line.IndexShift : 0));
        if (place == (int)PayloadPlace.Registration)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(24), range.Generation);
            BitConverter.TryWriteBytes(bytes.AsSpan(32), range.Offset);
            BitConverter.TryWriteBytes(bytes.AsSpan(40), (ulong)range.Descriptor);
            BitConverter.TryWriteBytes(bytes.AsSpan(48), (ulong)range.ByteCount);
        }

        return new Layout(bytes).Opaque(8).Number(4).Opaque(4).Choice(4).Number(4).Number(8).Number(8).Number(8).Number(8).Done();
    }

    public override Outcome Run(byte[] input)
    {
        if (input.Length != WordBytes)
        {
            return Outcome.Refused;
        }

        new Span<byte>(_inbox, Line.ByteSize * 4).Clear();
        byte* line = _inbox + s_layout.LinesOffset(0);
        input.CopyTo(new Span<byte>(line + sizeof(ulong), WordBytes));
        *(ulong*)line = 1;
        var connection = new SharedMemoryConnection(_own, _peer, 0, s_layout, _outbox, _inbox);
        if (!connection.TryReceive(out MessageHeader header, out byte* payload))
        {
            return payload == null ? Outcome.Refused : throw new BrokenInvariantException("refused, and yet there is a payload");
        }

        if (header.ByteCount > (uint)s_layout.SlotBytes)
        {
            throw new BrokenInvariantException($"a message of {header.ByteCount} bytes was taken");
        }

        bool isLocal = payload >= _inbox && payload + header.ByteCount <= _inbox + s_layout.ByteCount;
        bool isNamed = !isLocal && BitConverter.ToUInt64(input, 40) == (ulong)_registered.Descriptor; // other descriptors of this process may be sealed memfds too: of the transports
        for (uint i = 0; i < header.ByteCount; i++)
        {
            _sum += payload[i]; // a fault here ends the process
        }

        connection.Release();
        return isLocal || isNamed || BitConverter.ToInt64(input, 48) > 0 ? Outcome.Accepted : throw new BrokenInvariantException("the payload lies nowhere");
    }

    public override void Dispose()
    {
        GC.KeepAlive(_sum);
        _registration?.Dispose();
        _registered.Dispose();
        _peer.Dispose();
        _own.Dispose();
        _other.Dispose();
        NativeMemory.AlignedFree(_outbox);
        NativeMemory.AlignedFree(_inbox);
    }

    private static SharedMemoryTransport NewTransport(int rank) => new(
        new TransportContext
        {
            Rank = rank,
            WorldSize = 2,
            SlotBytes = 1024,
            SlotCount = 2,
            Epoch = 1,
            CommunicatorId = 7,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            Options = new ResolvedOptions { Rank = rank, WorldSize = 2, AllowedTransports = [false, true, false, false] },
            LoggerFactory = NullLoggerFactory.Instance,
        },
        SegmentKind.Memfd);
}
