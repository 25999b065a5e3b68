using System.Buffers.Binary;
using System.Text;
using RdmaCollectives.Diagnostics;

namespace RdmaCollectives.Bootstrap;

/// <summary>A verdict as bytes: length of the fault 4, the fault, and by rank: what it did 1, last entered 8, last completed 8, and its words, length 2 and UTF-8.</summary>
internal static class VerdictCodec
{
    private const int FixedBytes = 19;

    /// <summary>What the words of all ranks may take together; in very large worlds each is cut, or left out.</summary>
    private const int MaxWordBytes = 24 * 1024;

    public static byte[] Write(Fault verdict)
    {
        int longest = MaxWordBytes / Math.Max(1, verdict.Ranks.Count);
        byte[] fault = FaultCodec.Write(verdict);
        byte[][] words = [.. verdict.Ranks.Select(state => Encoding.UTF8.GetBytes(state.Doing))];
        byte[] bytes = new byte[sizeof(int) + fault.Length + (FixedBytes * words.Length) + words.Sum(word => Math.Min(word.Length, longest))];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, fault.Length);
        fault.CopyTo(bytes, sizeof(int));
        Span<byte> rest = bytes.AsSpan(sizeof(int) + fault.Length);
        for (int rank = 0; rank < words.Length; rank++)
        {
            int length = Math.Min(words[rank].Length, longest);
            rest[0] = (byte)verdict.Ranks[rank].Activity;
            BinaryPrimitives.WriteUInt64LittleEndian(rest[1..], verdict.Ranks[rank].LastEntered);
            BinaryPrimitives.WriteUInt64LittleEndian(rest[9..], verdict.Ranks[rank].LastCompleted);
            BinaryPrimitives.WriteUInt16LittleEndian(rest[17..], (ushort)length);
            words[rank].AsSpan(0, length).CopyTo(rest[FixedBytes..]);
            rest = rest[(FixedBytes + length)..];
        }

        return bytes;
    }

    /// <exception cref="CollectiveException">These are not the bytes of a verdict in a communicator of so many ranks.</exception>
    public static Fault Read(ReadOnlySpan<byte> bytes, int worldSize)
    {
        int length = bytes.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < 0 || length > bytes.Length - sizeof(int))
        {
            throw Unreadable(bytes.Length);
        }

        Fault fault = FaultCodec.Read(bytes.Slice(sizeof(int), length));
        var states = new RankState[worldSize];
        ReadOnlySpan<byte> rest = bytes[(sizeof(int) + length)..];
        for (int rank = 0; rank < worldSize; rank++)
        {
            int wordBytes = rest.Length < FixedBytes ? int.MaxValue : BinaryPrimitives.ReadUInt16LittleEndian(rest[17..]);
            if (rest.Length - FixedBytes < wordBytes)
            {
                throw Unreadable(bytes.Length);
            }

            states[rank] = new RankState
            {
                Rank = rank,
                Activity = (RankActivity)rest[0],
                LastEntered = BinaryPrimitives.ReadUInt64LittleEndian(rest[1..]),
                LastCompleted = BinaryPrimitives.ReadUInt64LittleEndian(rest[9..]),
                Doing = Encoding.UTF8.GetString(rest.Slice(FixedBytes, wordBytes)),
            };
            rest = rest[(FixedBytes + wordBytes)..];
        }

        return rest.IsEmpty && fault.Peer >= -1 && fault.Peer < worldSize && fault.Reporter >= -1 && fault.Reporter < worldSize ? fault with { Ranks = states } : throw Unreadable(bytes.Length);
    }

    private static CollectiveException Unreadable(int byteCount) => new(Error.Protocol, $"A verdict of {byteCount} bytes can't be read.");
}
