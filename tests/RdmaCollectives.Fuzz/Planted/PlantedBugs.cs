using System.Buffers.Binary;
using System.Text;
using RdmaCollectives.Fuzz.Engine;

namespace RdmaCollectives.Fuzz.Planted;

/// <summary>
/// Small parsers with the mistakes that parsers have, one each, in the style of the real ones: what the fuzzer must find, or it would not find the like in the library either. <c>Sound</c> is the parser
/// without a mistake, in which nothing may be found.
/// </summary>
internal static class PlantedBugs
{
    private const int MaxEntries = 100;
    private const int MaxTextBytes = 64;
    private const byte Version = 1;

    // version 1, kind 1 (1 to 3), count 2, per entry: number 4; text length 2, text; check 4
    private sealed record Message(byte Kind, int[] Entries, string Text);

    /// <summary>The mistakes by name.</summary>
    public static IReadOnlyDictionary<string, Func<FuzzTarget>> All { get; } = new Dictionary<string, Func<FuzzTarget>>(StringComparer.Ordinal)
    {
        ["missing length check"] = () => Target("missing length check", new Rules { ChecksTextLength = false }),
        ["unchecked count"] = () => Target("unchecked count", new Rules { ChecksCount = false }),
        ["trailing bytes taken"] = () => Target("trailing bytes taken", new Rules { ChecksEnd = false }),
        ["off by one"] = () => Target("off by one", new Rules { MaxText = MaxTextBytes + 1 }),
        ["missing kind check"] = () => Target("missing kind check", new Rules { ChecksKind = false }),
        ["half of the check word compared"] = () => Target("half of the check word compared", new Rules { CheckMask = 0xFFFF }),
    };

    public static FuzzTarget Sound() => Target("sound", new Rules());

    private static FuzzTarget Target(string name, Rules rules) => new CodecTarget<Message?>
    {
        Title = name,
        Files = [],
        Make = static random => new Message((byte)random.Next(1, 4), [.. Enumerable.Range(0, random.Next(8)).Select(_ => Engine.Make.Int(random))], Engine.Make.Text(random, MaxTextBytes)),
        Encode = static message => Write(message!),
        Parse = bytes => Read(bytes, rules),
        AreEqual = static (one, other) => Write(one!).AsSpan().SequenceEqual(Write(other!)),
        WhatIsWrong = static message => message!.Kind is < 1 or > 3 ? "there is no such kind" : Encoding.UTF8.GetByteCount(message.Text) > MaxTextBytes ? "the text is too long" : null,
        Describe = static bytes =>
        {
            var layout = new Layout(bytes);
            layout.Choice().Choice();
            int count = layout.PeekShort();
            layout.Size(2);
            for (int i = 0; i < count; i++)
            {
                layout.Number(4);
            }

            int text = layout.PeekShort();
            return layout.Size(2).Text(text).Opaque(4).Done();
        },
        IsDeclared = static e => e is InvalidDataException,
    };

    private static byte[] Write(Message message)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        byte[] text = Encoding.UTF8.GetBytes(message.Text);
        writer.Write(Version);
        writer.Write(message.Kind);
        writer.Write((ushort)message.Entries.Length);
        Array.ForEach(message.Entries, writer.Write);
        writer.Write((ushort)text.Length);
        writer.Write(text);
        writer.Write(Check(stream.ToArray()));
        return stream.ToArray();
    }

    private static Message? Read(ReadOnlySpan<byte> bytes, Rules rules)
    {
        if (bytes.Length < 10 || bytes[0] != Version || (rules.ChecksKind && bytes[1] is < 1 or > 3))
        {
            return null;
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        if (rules.ChecksCount && (count > MaxEntries || bytes.Length < 10 + (4 * count)))
        {
            return null;
        }

        long[] room = new long[count]; // what an unchecked count costs
        int at = 4 + (4 * count);
        if (bytes.Length < at + 6)
        {
            return null;
        }

        for (int i = 0; i < count; i++)
        {
            room[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 + (4 * i))..]);
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
        if (rules.ChecksTextLength && (length > rules.MaxText || bytes.Length < at + 6 + length))
        {
            return null;
        }

        ReadOnlySpan<byte> text = bytes.Slice(at + 2, length);
        int end = at + 2 + length;
        if ((rules.ChecksEnd && bytes.Length != end + 4) || !System.Text.Unicode.Utf8.IsValid(text))
        {
            return null;
        }

        uint check = BinaryPrimitives.ReadUInt32LittleEndian(bytes[end..]);
        return (check & rules.CheckMask) == (Check(bytes[..end]) & rules.CheckMask)
            ? new Message(bytes[1], [.. room.Select(static number => (int)number)], Encoding.UTF8.GetString(text))
            : null;
    }

    // Not a check against malice here: a mutation of other fields gets past it where a rule says so.
    private static uint Check(ReadOnlySpan<byte> bytes) => (uint)bytes[0] * 0x9E3779B9;

    private sealed record Rules
    {
        public bool ChecksTextLength { get; init; } = true;

        public bool ChecksCount { get; init; } = true;

        public bool ChecksEnd { get; init; } = true;

        public bool ChecksKind { get; init; } = true;

        public int MaxText { get; init; } = MaxTextBytes;

        public uint CheckMask { get; init; } = uint.MaxValue;

    }
}
