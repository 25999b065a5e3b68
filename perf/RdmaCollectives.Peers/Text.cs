using System.Globalization;

namespace RdmaCollectives.Peers;

/// <summary>Numbers as tables and axes show them.</summary>
internal static class Text
{
    public static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>Three digits that count.</summary>
    public static string Digits(double value) => Number(value, value < 1 ? "0.000" : value < 10 ? "0.00" : value < 100 ? "0.0" : "0");

    public static string Ratio(Spread ratio) => $"{Two(ratio.Median)} ({Two(ratio.Min)} to {Two(ratio.Max)})";

    public static string Two(double value) => Number(value, value < 10 ? "0.00" : value < 100 ? "0.0" : "0");

    public static string Bytes(long bytes) => bytes switch
    {
        >= 1 << 20 => $"{bytes >> 20} MiB",
        >= 1 << 10 => $"{bytes >> 10} KiB",
        _ => $"{bytes} B",
    };
}
