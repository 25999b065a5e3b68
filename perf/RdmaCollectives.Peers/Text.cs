using System.Globalization;

namespace RdmaCollectives.Peers;

/// <summary>Numbers as tables and axes show them.</summary>
internal static class Text
{
    public static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>Three digits that count.</summary>
    public static string Digits(double value) => Number(value, value < 1 ? "0.000" : value < 10 ? "0.00" : value < 100 ? "0.0" : "0");

    /// <summary>With its interval, if there is one.</summary>
    public static string Ratio(Estimate ratio) => ratio.Low == ratio.High ? Two(ratio.Median) : $"{Two(ratio.Median)} ({Two(ratio.Low)} to {Two(ratio.High)})";

    public static string Range(Spread ratio) => $"{Two(ratio.Median)} ({Two(ratio.Min)} to {Two(ratio.Max)})";

    public static string Two(double value) => Number(value, value < 10 ? "0.00" : value < 100 ? "0.0" : "0");

    public static string Count(int count, string what) => count == 1 ? $"{count} {what}" : $"{count} {what}s";

    public static string Duration(TimeSpan time) => time.TotalMinutes < 1.5 ? "a minute" : time.TotalHours < 2 ? $"{Number(time.TotalMinutes, "0")} minutes" : $"{Number(time.TotalHours, "0.0")} hours";

    public static string Bytes(long bytes) => bytes switch
    {
        >= 1 << 20 => $"{bytes >> 20} MiB",
        >= 1 << 10 => $"{bytes >> 10} KiB",
        _ => $"{bytes} B",
    };
}
