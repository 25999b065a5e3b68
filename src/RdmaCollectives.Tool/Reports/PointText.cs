using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Reports;

/// <summary>What a mark says while the pointer is over it.</summary>
internal static class PointText
{
    public static string Of(ReportLine line, PerfResult result)
    {
        CallTimes times = result.TimeUs;
        string size = result.Bytes == 0 ? "" : $", {Quantity.Bytes(result.Bytes)}";
        string bandwidth = result.Bytes == 0 ? "" : $"\nalgbw {Quantity.Digits(result.AlgbwGBps)}, busbw {Quantity.Digits(result.BusbwGBps)} GB/s";
        return $"{line.Label}{size}\nmedian {Quantity.Digits(times.Median)} µs, {Quantity.Digits(times.Min)} to {Quantity.Digits(times.Max)} µs, first call {Quantity.Digits(times.First)} µs{bandwidth}{Wrong(result)}";
    }

    private static string Wrong(PerfResult result) => result.Wrong switch
    {
        null => "\nnot checked",
        0 => "\n0 wrong",
        long wrong => FormattableString.Invariant($"\n{wrong} WRONG"),
    };
}
