using System.Net;
using System.Text;

namespace RdmaCollectives.Fuzz.Engine;

/// <summary>Random values for valid messages; the edges of their ranges come often.</summary>
internal static class Make
{
    private static readonly Rune[] s_runes = [.. "abcXYZ019 -_./:[],é中".EnumerateRunes(), new Rune(0x1F600), new Rune(0x10FFFF), new Rune(0xD7FF), new Rune(0xE000), new Rune(0x7F)];

    public static int Int(Random random) => random.Next(4) switch
    {
        0 => random.Next(-2, 10),
        1 => int.MaxValue - random.Next(2),
        2 => int.MinValue + random.Next(2),
        _ => (int)random.NextInt64(int.MinValue, int.MaxValue),
    };

    public static uint UInt(Random random) => (uint)Int(random);

    public static ulong ULong(Random random) => random.Next(3) == 0 ? (ulong)random.Next(5) : (ulong)random.NextInt64(long.MinValue, long.MaxValue);

    public static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A text of at most so many bytes of UTF-8; sometimes exactly as many.</summary>
    public static string Text(Random random, int maxBytes)
    {
        int wanted = random.Next(8) switch
        {
            0 => 0,
            1 => maxBytes,
            _ => random.Next(Math.Min(maxBytes, 24) + 1),
        };
        var text = new StringBuilder();
        int bytes = 0;
        while (bytes < wanted)
        {
            Rune rune = random.Next(4) == 0 ? s_runes[random.Next(s_runes.Length)] : new Rune('a' + random.Next(26));
            rune = bytes + rune.Utf8SequenceLength > wanted ? new Rune('z') : rune;
            text.Append(rune.ToString());
            bytes += rune.Utf8SequenceLength;
        }

        return text.ToString();
    }

    public static IPAddress Address(Random random) => new(Bytes(random, random.Next(2) == 0 ? 4 : 16));

    public static T Enum<T>(Random random)
        where T : struct, Enum
    {
        T[] values = System.Enum.GetValues<T>();
        return values[random.Next(values.Length)];
    }
}
