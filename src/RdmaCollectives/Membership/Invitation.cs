using System.Buffers.Binary;

namespace RdmaCollectives.Membership;

/// <summary>What a newcomer is told of the communicator that takes it in.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Scope">Its scope.</param>
/// <param name="JobRanks">Its members by rank, newcomers last; the newcomer is one of them.</param>
internal sealed record Invitation(int Epoch, ulong Scope, int[] JobRanks)
{
    private const int MostMembers = 16_000; // what fits a frame

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[16 + (sizeof(int) * JobRanks.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(4), Scope);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), JobRanks.Length);
        for (int i = 0; i < JobRanks.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16 + (i * sizeof(int))), JobRanks[i]);
        }

        return bytes;
    }

    /// <exception cref="CollectiveException">These are not the bytes of an invitation.</exception>
    public static Invitation Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        int epoch = reader.Int32();
        ulong scope = reader.UInt64();
        int[] ranks = new int[reader.Count(MostMembers)];
        for (int i = 0; i < ranks.Length; i++)
        {
            ranks[i] = reader.Int32();
        }

        return epoch > 0 && reader.IsAtEnd && ranks.Distinct().Count() == ranks.Length && !Array.Exists(ranks, rank => rank < 0)
            ? new Invitation(epoch, scope, ranks)
            : throw ByteReader.Malformed();
    }
}
