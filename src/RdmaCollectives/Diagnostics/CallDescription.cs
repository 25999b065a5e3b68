using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace RdmaCollectives.Diagnostics;

/// <summary>
/// One call in 128 bytes: what is hashed into every message, told to a peer that disagrees, and put into words for people.
/// <code>
/// kind 1, type 1, operator 1, element size 1, root 4, count 8, epoch 4, plan 4, sequence 8, user type 4, counts 4, flags 1, zero 23        these 64 are hashed, without the sequence
/// bytes of the name 1, the name in UTF-8 and zeros 63                                                                                      each rank's own
/// </code>
/// </summary>
internal readonly record struct CallDescription
{
    public const int ByteSize = 128;

    /// <summary>The longest name in bytes of UTF-8; what is longer is told shortened.</summary>
    public const int MaxNameBytes = 63;

    private const int HashedBytes = 64;

    /// <summary><see cref="ReduceOp"/> of a call that reduces nothing.</summary>
    public const byte NoReduction = 254;

    public required CallKind Kind { get; init; }

    /// <summary><see cref="RdmaCollectives.DataType"/>, or 255 for a user's own type.</summary>
    public required byte DataType { get; init; }

    /// <summary><see cref="ReduceOp"/>, 255 for a user's own reducer, or <see cref="NoReduction"/>.</summary>
    public required byte ReduceOp { get; init; }

    public byte ElementSize { get; init; }

    /// <summary>Blocks of different sizes.</summary>
    public bool HasCounts { get; init; }

    public bool IsBitExact { get; init; }

    /// <summary>The root of a collective, or the peer of a transfer (negative: any).</summary>
    public int Root { get; init; }

    /// <summary>A hash of the counts where all ranks know all of them, else 0.</summary>
    public uint CountsHash { get; init; }

    public ulong ElementCount { get; init; }

    public ulong Sequence { get; init; }

    public int Epoch { get; init; }

    /// <summary>Fingerprint of the plan: schedule, partition, channels.</summary>
    public uint PlanFingerprint { get; init; }

    /// <summary>Hash of the names of a user's type and reducer, else 0.</summary>
    public uint UserTypeHash { get; init; }

    /// <summary>What this rank calls it, or null; no part of what ranks must agree on.</summary>
    public string? Name { get; init; }

    /// <summary>The 32-bit hash that goes into the header: everything but the sequence and the name.</summary>
    public uint Hash()
    {
        Span<byte> bytes = stackalloc byte[HashedBytes];
        WriteHashed(bytes);
        bytes[24..32].Clear(); // the sequence has its own field in the header
        var hash = new Fnv1a();
        hash.Add(bytes);
        return hash.Value;
    }

    public void Write(Span<byte> to)
    {
        to[..ByteSize].Clear();
        WriteHashed(to);
        if (Name is not null)
        {
            byte[] name = TravellingText.Shortened(Name, MaxNameBytes);
            to[HashedBytes] = (byte)name.Length;
            name.CopyTo(to[(HashedBytes + 1)..]);
        }
    }

    private void WriteHashed(Span<byte> to)
    {
        to[..HashedBytes].Clear();
        to[0] = (byte)Kind;
        to[1] = DataType;
        to[2] = ReduceOp;
        to[3] = ElementSize;
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], Root);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], ElementCount);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(to[20..], PlanFingerprint);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(to[32..], UserTypeHash);
        BinaryPrimitives.WriteUInt32LittleEndian(to[36..], CountsHash);
        to[40] = (byte)((HasCounts ? 1 : 0) | (IsBitExact ? 2 : 0));
    }

    /// <summary>Null for bytes that are not one: what <see cref="Write"/> leaves zero is zero, and a name is text.</summary>
    public static CallDescription? Read(ReadOnlySpan<byte> from)
    {
        int nameBytes = from[HashedBytes];
        if ((from[40] & ~3) != 0 || from[41..HashedBytes].ContainsAnyExcept((byte)0) || nameBytes > MaxNameBytes || from[(HashedBytes + 1 + nameBytes)..ByteSize].ContainsAnyExcept((byte)0))
        {
            return null;
        }

        ReadOnlySpan<byte> name = from.Slice(HashedBytes + 1, nameBytes);
        string? text = nameBytes == 0 ? null : Utf8.IsValid(name) ? Encoding.UTF8.GetString(name) : "";
        return text is not null && !IsName(text) ? null : new CallDescription
        {
            Kind = (CallKind)from[0],
            DataType = from[1],
            ReduceOp = from[2],
            ElementSize = from[3],
            Root = BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
            ElementCount = BinaryPrimitives.ReadUInt64LittleEndian(from[8..]),
            Epoch = BinaryPrimitives.ReadInt32LittleEndian(from[16..]),
            PlanFingerprint = BinaryPrimitives.ReadUInt32LittleEndian(from[20..]),
            Sequence = BinaryPrimitives.ReadUInt64LittleEndian(from[24..]),
            UserTypeHash = BinaryPrimitives.ReadUInt32LittleEndian(from[32..]),
            CountsHash = BinaryPrimitives.ReadUInt32LittleEndian(from[36..]),
            HasCounts = (from[40] & 1) != 0,
            IsBitExact = (from[40] & 2) != 0,
            Name = text,
        };
    }

    /// <summary>Something to show, without characters that would do something to a terminal.</summary>
    public static bool IsName(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.AsSpan().ContainsAnyInRange('\x7f', '\x9f');

    /// <summary>Sends and receives; these have no number of their own, <see cref="Sequence"/> is that of the last collective before.</summary>
    public bool IsTransfer => Kind >= CallKind.Send;

    /// <summary>Bytes of the buffer, or of one block where there is one per rank; 0 where blocks differ or the element is too large to tell.</summary>
    public ulong ByteCount => HasCounts || ElementSize == byte.MaxValue ? 0 : ElementCount * ElementSize;

    /// <summary>For people: <c>#12 AllReduce(Float32, Sum, 1024 elements = 4 KiB) "gradients"</c>.</summary>
    public override string ToString() => IsTransfer
        ? string.Create(CultureInfo.InvariantCulture, $"{Words}{(Sequence > 0 ? $" after #{Sequence}" : "")}")
        : string.Create(CultureInfo.InvariantCulture, $"#{Sequence} {Words}");

    /// <summary>For people, without the number.</summary>
    public string Words => Name is null ? Unnamed : $"{Unnamed} \"{Name}\"";

    private string Unnamed
    {
        get
        {
            if (Kind is CallKind.Barrier or CallKind.Transfers)
            {
                return Kind == CallKind.Barrier ? "Barrier" : "a group of sends and receives";
            }

            var text = new StringBuilder($"{Kind}(");
            text.Append(DataType == byte.MaxValue ? "user type" : ((DataType)DataType).ToString());
            if (ReduceOp != NoReduction)
            {
                text.Append(", ").Append(ReduceOp == byte.MaxValue ? "user reducer" : ((ReduceOp)ReduceOp).ToString());
            }

            text.Append(HasCounts ? ", counts by rank" : string.Create(CultureInfo.InvariantCulture, $", {ElementCount} elements{(HasBlocks ? " a rank" : "")}{(ElementSize == byte.MaxValue ? "" : $" = {Bytes(ByteCount)}")}"));
            text.Append(IsBitExact ? ", bit-exact" : "").Append(Partner).Append(')');
            return text.ToString();
        }
    }

    // 28 bytes, 4 KiB, 1.53 MiB.
    private static string Bytes(ulong count)
    {
        string[] units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
        double value = count;
        int unit = 0;
        for (; value >= 1024 && unit < units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {units[unit]}");
    }

    private bool HasBlocks => Kind is CallKind.AllGather or CallKind.ReduceScatter or CallKind.AllToAll or CallKind.Gather or CallKind.Scatter;

    private string Partner => Kind switch
    {
        CallKind.Reduce or CallKind.Broadcast or CallKind.Gather or CallKind.Scatter => string.Create(CultureInfo.InvariantCulture, $", root {Root}"),
        CallKind.Send or CallKind.SendReceive => string.Create(CultureInfo.InvariantCulture, $", to rank {Root}"),
        CallKind.Receive => Root < 0 ? ", from any rank" : string.Create(CultureInfo.InvariantCulture, $", from rank {Root}"),
        _ => "",
    };
}
