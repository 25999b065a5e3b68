using System.Buffers.Binary;

namespace RdmaCollectives.Membership;

/// <summary>
/// Messages of the agreement as bytes: kind 1, attempt 4, coordinator 4, completed 8, parts 1 (1 = roster, 2 = knowledge), then those. What is read is bounded by the number of members before anything is stored.
/// </summary>
internal static class AgreementCodec
{
    private const int MostNewcomers = 4096;
    private const byte HasRoster = 1;
    private const byte HasKnowledge = 2;

    public static byte[] Write(AgreementMessage message)
    {
        var writer = new ByteWriter();
        writer.Byte((byte)message.Kind);
        Write(writer, message.Ballot);
        writer.UInt64(message.Completed);
        writer.Byte((byte)((message.Roster is null ? 0 : HasRoster) | (message.Known is null ? 0 : HasKnowledge)));
        if (message.Roster is { } roster)
        {
            Write(writer, roster);
        }

        if (message.Known is { } known)
        {
            Write(writer, known);
        }

        return writer.ToArray();
    }

    /// <param name="bytes">What came.</param>
    /// <param name="worldSize">The number of members of the communicator.</param>
    /// <exception cref="CollectiveException">These are not the bytes of a message.</exception>
    public static AgreementMessage Read(ReadOnlySpan<byte> bytes, int worldSize)
    {
        var reader = new ByteReader(bytes);
        var kind = (AgreementKind)reader.Byte();
        Ballot ballot = ReadBallot(ref reader, worldSize);
        ulong completed = reader.UInt64();
        byte parts = reader.Byte();
        Roster? roster = (parts & HasRoster) != 0 ? ReadRoster(ref reader, worldSize) : null;
        Knowledge? known = (parts & HasKnowledge) != 0 ? ReadKnowledge(ref reader, worldSize) : null;
        bool needsRoster = kind is AgreementKind.Accept or AgreementKind.Vote or AgreementKind.Decision;
        if (kind is < AgreementKind.Prepare or > AgreementKind.Decision || needsRoster != roster is not null || (ballot.IsNone && kind != AgreementKind.Decision) || !reader.IsAtEnd)
        {
            throw ByteReader.Malformed();
        }

        var message = new AgreementMessage(kind, ballot, roster, completed, known);
        return bytes.SequenceEqual(Write(message)) ? message : throw ByteReader.Malformed(); // there is one way to write it
    }

    private static void Write(ByteWriter writer, Ballot ballot)
    {
        writer.Int32(ballot.Attempt);
        writer.Int32(ballot.Coordinator);
    }

    private static Ballot ReadBallot(ref ByteReader reader, int worldSize)
    {
        var ballot = new Ballot(reader.Int32(), reader.Int32());
        bool isNone = ballot == Ballot.None;
        return isNone || (ballot.Attempt is > 0 and < int.MaxValue && (uint)ballot.Coordinator < (uint)worldSize) ? ballot : throw ByteReader.Malformed();
    }

    private static void Write(ByteWriter writer, Roster roster)
    {
        writer.Int32(roster.Epoch);
        writer.UInt64(roster.Scope);
        writer.Int32(roster.Members.Length);
        writer.Int32(roster.Newcomers.Length);
        Array.ForEach(roster.Members, writer.Int32);
        Array.ForEach(roster.Completed, writer.UInt64);
        Array.ForEach(roster.Newcomers, writer.Int32);
    }

    private static Roster ReadRoster(ref ByteReader reader, int worldSize)
    {
        int epoch = reader.Int32();
        ulong scope = reader.UInt64();
        int members = reader.Count(worldSize);
        int newcomers = reader.Count(MostNewcomers);
        int[] ranks = new int[members];
        for (int i = 0; i < members; i++)
        {
            ranks[i] = reader.Int32();
            if (ranks[i] >= worldSize || ranks[i] <= (i == 0 ? -1 : ranks[i - 1]))
            {
                throw ByteReader.Malformed(); // not ascending ranks of the communicator
            }
        }

        ulong[] completed = new ulong[members];
        for (int i = 0; i < members; i++)
        {
            completed[i] = reader.UInt64();
        }

        int[] comers = new int[newcomers];
        for (int i = 0; i < newcomers; i++)
        {
            comers[i] = reader.Int32();
        }

        return epoch > 0 && members > 0 && !Array.Exists(comers, comer => comer < 0) && comers.Distinct().Count() == newcomers
            ? new Roster(epoch, scope, ranks, completed, comers)
            : throw ByteReader.Malformed();
    }

    private static void Write(ByteWriter writer, Knowledge known)
    {
        for (int rank = 0; rank < known.WorldSize; rank++)
        {
            writer.Byte(known.IsDead(rank) ? (byte)1 : (byte)0);
            Write(writer, known.PromiseOf(rank));
            writer.UInt64(known.CompletedBy(rank));
        }

        writer.Byte(known.Vote is null ? (byte)0 : (byte)1);
        if (known.Vote is var (ballot, roster))
        {
            Write(writer, ballot);
            Write(writer, roster);
        }
    }

    private static Knowledge ReadKnowledge(ref ByteReader reader, int worldSize)
    {
        var known = new Knowledge(worldSize);
        for (int rank = 0; rank < worldSize; rank++)
        {
            if (reader.Byte() != 0)
            {
                known.Died(rank);
            }

            known.Promised(rank, ReadBallot(ref reader, worldSize), reader.UInt64());
        }

        if (reader.Byte() != 0)
        {
            Ballot ballot = ReadBallot(ref reader, worldSize);
            known.Voted(ballot, ReadRoster(ref reader, worldSize));
        }

        return known;
    }

    /// <summary>Little-endian numbers, one behind the other.</summary>
    private sealed class ByteWriter
    {
        private readonly MemoryStream _stream = new();

        public void Byte(byte value) => _stream.WriteByte(value);

        public void Int32(int value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
            _stream.Write(bytes);
        }

        public void UInt64(ulong value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            _stream.Write(bytes);
        }

        public byte[] ToArray() => _stream.ToArray();
    }
}
