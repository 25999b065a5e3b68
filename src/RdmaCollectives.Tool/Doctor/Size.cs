using System.Globalization;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>Sizes and rates as sentences have them, to three digits.</summary>
internal static class Size
{
    private static readonly string[] BinaryUnits = ["bytes", "KiB", "MiB", "GiB", "TiB"];

    public static string Bytes(double bytes)
    {
        int unit = 0;
        while (unit < BinaryUnits.Length - 1 && bytes >= 1024)
        {
            bytes /= 1024;
            unit++;
        }

        return $"{Number(bytes)} {BinaryUnits[unit]}";
    }

    public static string Gigabits(double gigabitsPerSecond) => $"{Number(gigabitsPerSecond)} Gb/s";

    public static string Number(double value) => value.ToString(value < 9.95 ? "0.##" : value < 99.5 ? "0.#" : "0", CultureInfo.InvariantCulture);
}
