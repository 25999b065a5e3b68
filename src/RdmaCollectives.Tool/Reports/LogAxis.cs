using System.Globalization;

namespace RdmaCollectives.Tool.Reports;

/// <summary>A logarithmic axis with round ticks: powers of two for sizes, round decimal numbers for times and bandwidths.</summary>
internal sealed class LogAxis
{
    /// <summary>More labels would touch each other.</summary>
    private const int MostTicks = 8;

    private static readonly string[][] Mantissas = [["1", "1.2", "1.5", "2", "2.5", "3", "4", "5", "6", "8"], ["1", "1.5", "2", "3", "5", "7"], ["1", "2", "5"], ["1", "3"], ["1"]];

    /// <summary>Distances of binary exponents that meet at 1 KiB and 1 MiB.</summary>
    private static readonly int[] BinarySteps = [1, 2, 5, 10, 20, 40];

    private LogAxis(double low, double high, IReadOnlyList<double> ticks, IReadOnlyList<double> minorTicks) =>
        (Low, High, Ticks, MinorTicks) = (low, high, ticks, minorTicks);

    public double Low { get; }

    public double High { get; }

    /// <summary>Those with labels, ascending.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>Those without.</summary>
    public IReadOnlyList<double> MinorTicks { get; }

    /// <summary>From the smallest size to the largest, with ticks at powers of two between them.</summary>
    public static LogAxis OfSizes(IEnumerable<long> sizes)
    {
        long[] all = [.. sizes];
        double low = all.Min(), high = all.Max();
        (low, high) = low == high ? (low / 2, high * 2) : (low, high);
        int first = (int)Math.Ceiling(Math.Log2(low)), last = (int)Math.Floor(Math.Log2(high));
        int step = BinarySteps.First(distance => Multiples(first, last, distance).Count() <= MostTicks);
        double[] powers = [.. Multiples(first, last, 1)];
        double[] ticks = [.. Multiples(first, last, step)];
        return ticks.Length == 0 ? new LogAxis(low, high, [low, high], powers) : new LogAxis(low, high, ticks, [.. powers.Except(ticks)]);
    }

    /// <summary>From a round number below all values to one above, with as many round numbers between as there is room for.</summary>
    public static LogAxis OfValues(IEnumerable<double> values)
    {
        double[] all = [.. values];
        double low = all.Min(), high = all.Max();
        double[] ticks = Candidates(low, high).First(candidate => candidate.Length <= MostTicks);
        return new LogAxis(ticks[0], ticks[^1], ticks, []);
    }

    /// <summary>0 at the low end, 1 at the high end.</summary>
    public double Position(double value) => Math.Log(value / Low) / Math.Log(High / Low);

    private static IEnumerable<double> Multiples(int first, int last, int step) =>
        Enumerable.Range(first, Math.Max(0, last - first + 1)).Where(power => power % step == 0).Select(power => Math.Pow(2, power));

    /// <summary>Ticks around a range, the closest first: several in each power of ten, then one in several powers.</summary>
    private static IEnumerable<double[]> Candidates(double low, double high)
    {
        int first = (int)Math.Floor(Math.Log10(low)) - 1, last = (int)Math.Ceiling(Math.Log10(high)) + 1;
        foreach (string[] mantissas in Mantissas)
        {
            yield return Around(low, high, [.. Enumerable.Range(first, last - first + 1).SelectMany(power => mantissas.Select(mantissa => Number(mantissa, power)))]);
        }

        for (int step = 2; ; step++)
        {
            int begin = (int)Math.Floor((double)first / step), end = (int)Math.Ceiling((double)last / step);
            yield return Around(low, high, [.. Enumerable.Range(begin, end - begin + 1).Select(multiple => Number("1", multiple * step))]);
        }
    }

    /// <summary>From the last one that is not above the range to the first that is not below; two at least.</summary>
    private static double[] Around(double low, double high, double[] ticks)
    {
        int begin = Array.FindLastIndex(ticks, tick => tick <= low), end = Array.FindIndex(ticks, tick => tick >= high);
        return ticks[begin..(Math.Max(end, begin + 1) + 1)];
    }

    /// <summary>Parsed, since 3 * Math.Pow(10, -1) is not 0.3.</summary>
    private static double Number(string mantissa, int power) => double.Parse(string.Create(CultureInfo.InvariantCulture, $"{mantissa}E{power}"), CultureInfo.InvariantCulture);
}
