using System.Globalization;

namespace RdmaCollectives.Tool.Inspect;

/// <summary>Calls, ranks and times as sentences have them.</summary>
internal static class Words
{
    /// <summary><c>rank 1</c>, <c>ranks 1 and 2</c>, <c>ranks 1, 2, 3 and 9 more</c>.</summary>
    public static string Ranks(IEnumerable<int> ranks)
    {
        const int MostNamed = 8;
        int[] all = [.. ranks.Order()];
        string[] named = [.. all.Take(MostNamed).Select(rank => Number(rank))];
        return all.Length == 1 ? $"rank {named[0]}"
            : all.Length <= MostNamed ? $"ranks {string.Join(", ", named[..^1])} and {named[^1]}"
            : $"ranks {string.Join(", ", named)} and {Number(all.Length - MostNamed)} more";
    }

    /// <summary>Three digits that count, in a unit that fits.</summary>
    public static string Time(long nanoseconds)
    {
        (double value, string unit) = Math.Abs(nanoseconds) switch
        {
            < 1_000 => (nanoseconds, "ns"),
            < 999_500 => (nanoseconds / 1e3, "µs"),
            < 999_500_000 => (nanoseconds / 1e6, "ms"),
            _ => (nanoseconds / 1e9, "s"),
        };
        string format = unit == "ns" || Math.Abs(value) >= 99.95 ? "0" : Math.Abs(value) >= 9.995 ? "0.0" : "0.00";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {unit}";
    }

    public static string Percent(double share) => (100 * share).ToString("0", CultureInfo.InvariantCulture) + " %";

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
