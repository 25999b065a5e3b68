using System.Globalization;

namespace RdmaCollectives.Tool.Reports;

/// <summary>Numbers as the report shows them.</summary>
internal static class Quantity
{
    private static readonly string[] BinaryUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>With the largest unit that it is a multiple of: <c>64 KiB</c>, <c>1000 B</c>; halves where sizes lie between.</summary>
    public static string Bytes(double bytes)
    {
        int unit = 0;
        while (unit < BinaryUnits.Length - 1 && bytes >= 1024 && bytes % 1024 == 0)
        {
            bytes /= 1024;
            unit++;
        }

        return $"{Text(bytes, "#,0.#")} {BinaryUnits[unit]}";
    }

    /// <summary>A round number of microseconds: <c>500 ns</c>, <c>20 µs</c>, <c>3 ms</c>.</summary>
    public static string Time(double microseconds) => microseconds switch
    {
        < 1 => $"{Text(microseconds * 1e3, "0.###")} ns",
        < 1e3 => $"{Text(microseconds, "0.###")} µs",
        < 1e6 => $"{Text(microseconds / 1e3, "0.###")} ms",
        _ => $"{Text(microseconds / 1e6, "#,0.###")} s",
    };

    /// <summary>A round number of GB/s: <c>200 MB/s</c>, <c>5 GB/s</c>.</summary>
    public static string Bandwidth(double gigabytesPerSecond) => gigabytesPerSecond switch
    {
        < 1e-3 => $"{Text(gigabytesPerSecond * 1e6, "0.###")} kB/s",
        < 1 => $"{Text(gigabytesPerSecond * 1e3, "0.###")} MB/s",
        _ => $"{Text(gigabytesPerSecond, "#,0.###")} GB/s",
    };

    /// <summary>At least three digits that count.</summary>
    public static string Digits(double value) => Text(value, value < 1 ? "0.0000" : value < 10 ? "0.00" : value < 100 ? "0.0" : "#,0");

    /// <summary>For attributes of a picture.</summary>
    public static string Pixels(double value) => Text(value, "0.##");

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
