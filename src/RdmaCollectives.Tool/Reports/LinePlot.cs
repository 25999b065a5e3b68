using System.Xml.Linq;
using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Reports;

/// <summary>A value over the size, both axes logarithmic, a line for each transport and algorithm.</summary>
internal sealed class LinePlot
{
    private const double Width = 570, Height = 330, Left = 70, Right = 28, Top = 10, Bottom = 34;

    private readonly IReadOnlyList<ReportLine> _lines;
    private readonly Func<PerfResult, double> _value;
    private readonly Func<double, string> _format;
    private readonly LogAxis _sizes, _values;

    private LinePlot(IReadOnlyList<ReportLine> lines, Func<PerfResult, double> value, Func<double, string> format)
    {
        (_lines, _value, _format) = (lines, value, format);
        PerfResult[] all = [.. lines.SelectMany(line => line.Results)];
        _sizes = LogAxis.OfSizes(all.Select(result => result.Bytes));
        _values = LogAxis.OfValues(all.Select(value));
    }

    /// <summary>Draws lines whose values are all above zero.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="label">What the picture shows, for those who hear it.</param>
    /// <param name="value">The value of a point.</param>
    /// <param name="format">A tick of the value in words.</param>
    public static XElement Draw(IReadOnlyList<ReportLine> lines, string label, Func<PerfResult, double> value, Func<double, string> format) => new LinePlot(lines, value, format).Draw(label);

    private XElement Draw(string label) => Svg.Picture(Width, Height, label, Grid(), Svg.Frame(Left, Top, Width - Left - Right, Height - Top - Bottom), _lines.Select(Series));

    private IEnumerable<XElement> Grid()
    {
        foreach (double value in _values.Ticks)
        {
            yield return Svg.Line("grid", Left, Y(value), Width - Right, Y(value));
            yield return Svg.Text("end", Left - 8, Y(value) + 4, _format(value));
        }

        foreach (double size in _sizes.MinorTicks)
        {
            yield return Svg.Line("tick", X(size), Height - Bottom, X(size), Height - Bottom + 3);
        }

        foreach (double size in _sizes.Ticks)
        {
            yield return Svg.Line("grid", X(size), Top, X(size), Height - Bottom);
            yield return Svg.Line("tick", X(size), Height - Bottom, X(size), Height - Bottom + 6);
            yield return Svg.Text("middle", X(size), Height - Bottom + 20, Quantity.Bytes(size));
        }
    }

    private XElement Series(ReportLine line) => Svg.Series(
        line,
        Svg.Curve(line.Style, line.Results.Select(result => (X(result.Bytes), Y(_value(result))))),
        line.Results.Select(result => Svg.Mark(line.Style, X(result.Bytes), Y(_value(result)), PointText.Of(line, result))));

    private double X(double size) => Left + ((Width - Left - Right) * _sizes.Position(size));

    private double Y(double value) => Height - Bottom - ((Height - Top - Bottom) * _values.Position(value));
}
