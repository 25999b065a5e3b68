using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Diagnostics;

/// <summary>One call in 64 bytes: what is hashed into every message, told to a peer that disagrees, and put into words for people.</summary>
internal readonly record struct CallDescription
{
    public const int ByteSize = 64;

    public required CollectiveKind Collective { get; init; }

    /// <summary><see cref="RdmaCollectives.DataType"/>, or 255 for a user's own type.</summary>
    public required byte DataType { get; init; }

    /// <summary><see cref="ReduceOp"/>, or 255 for a user's own reducer.</summary>
    public required byte ReduceOp { get; init; }

    public byte ElementSize { get; init; }

    public int Root { get; init; }

    public ulong ElementCount { get; init; }

    public ulong Sequence { get; init; }

    public int Epoch { get; init; }

    /// <summary>Fingerprint of the plan: schedule, partition, channels.</summary>
    public uint PlanFingerprint { get; init; }

    /// <summary>Hash of the names of a user's type and reducer, else 0.</summary>
    public uint UserTypeHash { get; init; }

    /// <summary>The 32-bit hash that goes into the header: everything but the sequence.</summary>
    public uint Hash()
    {
        Span<byte> bytes = stackalloc byte[ByteSize];
        Write(bytes);
        bytes[24..32].Clear(); // the sequence has its own field in the header
        var hash = new Fnv1a();
        hash.Add(bytes);
        return hash.Value;
    }

    public void Write(Span<byte> to)
    {
        to[..ByteSize].Clear();
        to[0] = (byte)Collective;
        to[1] = DataType;
        to[2] = ReduceOp;
        to[3] = ElementSize;
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], Root);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], ElementCount);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(to[20..], PlanFingerprint);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(to[32..], UserTypeHash);
    }

    public static CallDescription Read(ReadOnlySpan<byte> from) => new()
    {
        Collective = (CollectiveKind)from[0],
        DataType = from[1],
        ReduceOp = from[2],
        ElementSize = from[3],
        Root = BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
        ElementCount = BinaryPrimitives.ReadUInt64LittleEndian(from[8..]),
        Epoch = BinaryPrimitives.ReadInt32LittleEndian(from[16..]),
        PlanFingerprint = BinaryPrimitives.ReadUInt32LittleEndian(from[20..]),
        Sequence = BinaryPrimitives.ReadUInt64LittleEndian(from[24..]),
        UserTypeHash = BinaryPrimitives.ReadUInt32LittleEndian(from[32..]),
    };

    /// <summary>For people: <c>#12 AllReduce(Float32, Sum, 1024 elements)</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"#{Sequence} {Collective}(");
        text.Append(DataType == byte.MaxValue ? "user type" : ((DataType)DataType).ToString());
        text.Append(", ").Append(ReduceOp == byte.MaxValue ? "user reducer" : ((ReduceOp)ReduceOp).ToString());
        text.Append(CultureInfo.InvariantCulture, $", {ElementCount} elements)");
        return text.ToString();
    }
}
