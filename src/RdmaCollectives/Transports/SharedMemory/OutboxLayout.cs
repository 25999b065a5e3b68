using System.Buffers.Binary;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>
/// The segment that one rank writes for one peer, and that the peer reads:
/// <code>
/// a line that says what it is, and a line with a word that is not 0 from the fence on
/// a line that says where this rank's output lies, for the call in which the peer may store there (<see cref="OutputWindow{TMemory}"/>)
/// a word that is not 0 while this rank stores in the peer's output
/// per channel: 128 bytes for the count of messages that this rank has released of the opposite FIFO, then the lines of this rank's own FIFO
/// from the next page on, per channel: the slots
/// </code>
/// Each rank thus writes its own memory alone (the doorbells excepted). What two ranks write, or one writes while the other polls, is never on neighbouring lines: processors fetch lines in pairs.
/// Slots take up memory from their first use on: a rank whose messages fit into lines never touches them.
/// </summary>
internal readonly record struct OutboxLayout(int ChannelCount, int SlotBytes, int SlotCount)
{
    public const int LinePairBytes = 128;
    private const int PageBytes = 4096;
    private const ulong Magic = 0x3378_6274_756F_6372; // "rcoutbx3"

    /// <summary>The word that tells readers that the owner has fenced: what lies in its registered buffers may have changed since it was sent.</summary>
    public const int FenceOffset = Line.ByteSize;

    /// <summary>Where the peer may store.</summary>
    public const int WindowOffset = LinePairBytes;

    /// <summary>Whether this rank stores in the peer's output now.</summary>
    public const int StoringOffset = 2 * LinePairBytes;

    private const int HeadBytes = 3 * LinePairBytes;

    private int ChannelControlBytes => LinePairBytes + Align(SlotCount * Line.ByteSize, LinePairBytes);

    private long SlotsOffset => Align(HeadBytes + ChannelCount * ChannelControlBytes, PageBytes);

    public long ByteCount => SlotsOffset + (long)ChannelCount * SlotCount * SlotBytes;

    public long ReleasedOffset(int channel) => HeadBytes + (long)channel * ChannelControlBytes;

    public long LinesOffset(int channel) => ReleasedOffset(channel) + LinePairBytes;

    public long SlotOffset(int channel) => SlotsOffset + (long)channel * SlotCount * SlotBytes;

    /// <summary>Writes the first line.</summary>
    public void WriteIdentity(Span<byte> line, ulong communicatorId, int epoch, int from, int to)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(line, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(line[8..], communicatorId);
        BinaryPrimitives.WriteInt32LittleEndian(line[16..], epoch);
        BinaryPrimitives.WriteInt32LittleEndian(line[20..], from);
        BinaryPrimitives.WriteInt32LittleEndian(line[24..], to);
        BinaryPrimitives.WriteInt32LittleEndian(line[28..], ChannelCount);
        BinaryPrimitives.WriteInt32LittleEndian(line[32..], SlotBytes);
        BinaryPrimitives.WriteInt32LittleEndian(line[36..], SlotCount);
        line[40..Line.ByteSize].Clear();
    }

    /// <summary>Whether the first line says what <see cref="WriteIdentity"/> writes for the same arguments.</summary>
    public bool HasIdentity(ReadOnlySpan<byte> line, ulong communicatorId, int epoch, int from, int to)
    {
        Span<byte> expected = stackalloc byte[Line.ByteSize];
        WriteIdentity(expected, communicatorId, epoch, from, to);
        return line[..Line.ByteSize].SequenceEqual(expected);
    }

    private static int Align(int value, int alignment) => (value + alignment - 1) & -alignment;
}
