using System.Globalization;

namespace RdmaCollectives.Tool.CommandLine;

/// <summary>Sizes as people write them: <c>8</c>, <c>64M</c>, <c>1G</c>; K, M, G and T are powers of 1024.</summary>
internal static class ByteSize
{
    private const string Units = "KMGT";

    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        string number = text.EndsWith("iB", StringComparison.Ordinal) ? text[..^2] : text;
        int power = number.Length == 0 ? 0 : Units.IndexOf(char.ToUpperInvariant(number[^1]), StringComparison.Ordinal) + 1;
        if (!long.TryParse(power == 0 ? number : number[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long count) || count > long.MaxValue >> (10 * power))
        {
            return false;
        }

        bytes = count << (10 * power);
        return true;
    }

    /// <summary>The shortest exact form: <c>64M</c>, <c>1025</c>.</summary>
    public static string Format(long bytes)
    {
        int power = 0;
        while (power < Units.Length && bytes != 0 && bytes % 1024 == 0)
        {
            bytes /= 1024;
            power++;
        }

        return bytes.ToString(CultureInfo.InvariantCulture) + (power == 0 ? "" : Units[power - 1]);
    }
}
