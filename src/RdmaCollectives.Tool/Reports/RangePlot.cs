using System.Xml.Linq;
using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Reports;

/// <summary>For what has no size: a row for each transport and algorithm, with the range of its times from the least to the 99th percentile and a mark at the median.</summary>
internal static class RangePlot
{
    private const double Width = 570, RowHeight = 26, Left = 170, Right = 26, Top = 10, Bottom = 34;

    public static XElement Draw(IReadOnlyList<ReportLine> lines, string label)
    {
        LogAxis axis = LogAxis.OfValues(lines.SelectMany(line => line.Results).SelectMany(result => (double[])[result.TimeUs.Min, result.TimeUs.P99]));
        double bottom = Top + (RowHeight * lines.Count);
        return Svg.Picture(Width, bottom + Bottom, label, axis.Ticks.Select(Tick), Svg.Frame(Left, Top, Width - Left - Right, bottom - Top), lines.Select(Row));

        IEnumerable<XElement> Tick(double value) =>
        [
            Svg.Line("grid", X(value), Top, X(value), bottom),
            Svg.Line("tick", X(value), bottom, X(value), bottom + 6),
            Svg.Text("middle", X(value), bottom + 20, Quantity.Time(value)),
        ];

        IEnumerable<XElement> Row(ReportLine line, int row)
        {
            double y = Top + (RowHeight * (row + 0.5));
            PerfResult result = line.Results[0];
            yield return Svg.Text("end", Left - 10, y + 4, line.Label);
            yield return Svg.Series(
                line, Svg.Curve(line.Style, [(X(result.TimeUs.Min), y), (X(result.TimeUs.P99), y)]), Svg.Mark(line.Style, X(result.TimeUs.Median), y, PointText.Of(line, result)));
        }

        double X(double value) => Left + ((Width - Left - Right) * axis.Position(value));
    }
}
