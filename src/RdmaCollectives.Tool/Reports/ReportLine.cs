using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Reports;

/// <summary>One line of a plot: what was measured over one transport by one algorithm, sizes ascending.</summary>
/// <param name="Index">Its number in the plot.</param>
/// <param name="Label">What tells it from the other lines of the plot.</param>
/// <param name="Style">How it is drawn.</param>
/// <param name="Results">Its points.</param>
internal sealed record ReportLine(int Index, string Label, LineStyle Style, IReadOnlyList<PerfResult> Results)
{
    /// <summary>The lines of one collective, in the order in which they were measured.</summary>
    public static IReadOnlyList<ReportLine> Of(IEnumerable<PerfResult> results)
    {
        PerfResult[] all = [.. results];
        (string Transport, bool InPlace)[] ways = [.. all.Select(result => (result.Transport, result.InPlace)).Distinct()];
        string[] algorithms = [.. all.Select(result => result.Algorithm).Distinct(StringComparer.Ordinal)];
        bool hasForms = ways.Any(way => way.InPlace) && !ways.All(way => way.InPlace);
        return
        [
            .. all.GroupBy(result => (Way: (result.Transport, result.InPlace), result.Algorithm)).Select((line, index) => new ReportLine(
                index,
                line.Key.Way.Transport + (algorithms is [PerfResult.Auto] ? "" : $" {line.Key.Algorithm}") + (hasForms ? line.Key.Way.InPlace ? ", in place" : ", out of place" : ""),
                LineStyle.Of(Array.IndexOf(ways, line.Key.Way), ways.Length, Array.IndexOf(algorithms, line.Key.Algorithm), algorithms.Length),
                [.. line.OrderBy(result => result.Bytes)])),
        ];
    }
}

/// <summary>How a line is drawn: numbers of a colour, a dash pattern and a marker, so that no line needs its colour to be told from the others.</summary>
internal readonly record struct LineStyle(int Colour, int Dash, int Marker)
{
    public const int Colours = 8;
    private const int Dashes = 4;
    private const int Markers = 4;

    /// <summary>Colour and marker tell the algorithm and the dashes the transport, where both differ; where only one differs, all three tell it.</summary>
    public static LineStyle Of(int way, int ways, int algorithm, int algorithms)
    {
        int byColour = algorithms > 1 ? algorithm : way, byDash = ways > 1 ? way : algorithm;
        return new LineStyle(byColour % Colours, byDash % Dashes, (byColour + (byColour / Colours)) % Markers);
    }
}
