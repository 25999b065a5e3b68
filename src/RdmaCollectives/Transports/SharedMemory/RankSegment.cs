using System.Runtime.InteropServices;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>
/// The one page per rank that all its peers of the host map, writable for the sake of the doorbell. It holds no user data:
/// <code>
/// 0     a nonce: who reads it through the mechanism proves that the mechanism works, and that this is the right segment
/// 128   the doorbell's word
/// 256   how often the table below has changed
/// 512   per index the generation of the registration that has it, 0 = none: what differs may be unmapped by peers
/// </code>
/// </summary>
internal sealed unsafe class RankSegment : IDisposable
{
    public const int NonceBytes = 32;
    public const int TableLength = 256;

    private const int ByteCount = 4096;
    private const int DoorbellOffset = 128;
    private const int ChangeOffset = 256;
    private const int TableOffset = 512;

    private readonly SharedSegment _segment;

    private RankSegment(SharedSegment segment) => _segment = segment;

    public SegmentAddress Location => _segment.Location;

    public Span<byte> Nonce => new(_segment.Address, NonceBytes);

    public uint* DoorbellWord => (uint*)(_segment.Address + DoorbellOffset);

    public ref ulong ChangeCount => ref *(ulong*)(_segment.Address + ChangeOffset);

    public Span<ulong> Generations => MemoryMarshal.CreateSpan(ref *(ulong*)(_segment.Address + TableOffset), TableLength);

    public static RankSegment Create(SegmentKind kind) => new(SharedSegment.Create("rdmacc-rank", ByteCount, kind, peersWrite: true));

    public static RankSegment Open(in SegmentAddress address) =>
        address.ByteCount == ByteCount
            ? new RankSegment(SharedSegment.Open(address, writable: true))
            : throw new CollectiveException(Error.Protocol, $"A rank's segment has {ByteCount} bytes, the peer says {address.ByteCount}.");

    public void Unlink() => _segment.Unlink();

    public void Dispose() => _segment.Dispose();
}
