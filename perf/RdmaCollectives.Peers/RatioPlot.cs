using System.Globalization;
using System.Text;

namespace RdmaCollectives.Peers;

/// <summary>Draws ratios to the best peer as an SVG picture: a row of panels for each number of ranks, a column for each collective, all axes logarithmic; lines are medians and bands their intervals.</summary>
internal sealed class RatioPlot
{
    private const double PanelWidth = 220, PanelHeight = 150, LeftMargin = 76, Gap = 44, TopMargin = 108, RowGap = 56, BottomMargin = 24, RightMargin = 24;

    /// <summary>For the title and the legend.</summary>
    private const double LeastWidth = 720;

    private const string Ink = "#1a1a1a", Grey = "#5a5a5a";

    private static readonly (string Name, string Colour, string Dashes)[] Curves =
        [(Contenders.Arrays, "#1f5fa8", "none"), (Contenders.Allocated, "#c4560c", "none"), (Contenders.RoofName, "#6b8f3c", "5 4")];

    private readonly StringBuilder _svg = new();
    private readonly Result[][] _rows;
    private readonly Axis _ratios;

    private RatioPlot(IReadOnlyList<Result> results)
    {
        _rows = [.. results.GroupBy(result => result.Case.Ranks).Select(row => row.ToArray())];
        // The roof at small sizes, where meeting costs more than moving, is drawn at the edge: it would squeeze what is compared.
        _ratios = Axis.Around(results.SelectMany(result => result.Ratios(Contenders.Arrays).Concat(result.Ratios(Contenders.Allocated))).Append(1));
    }

    private double Width => Math.Max(LeastWidth, LeftMargin + (_rows.Max(row => row.Length) * (PanelWidth + Gap)) - Gap + RightMargin);

    private double Height => TopMargin + (_rows.Length * (PanelHeight + RowGap)) - RowGap + 40 + BottomMargin;

    public static string Draw(IReadOnlyList<Result> results, string title, string subtitle) => new RatioPlot(results).Draw(title, subtitle);

    private string Draw(string title, string subtitle)
    {
        Line($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" font-family=\"Helvetica, Arial, sans-serif\">");
        Line($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#ffffff\"/>");
        Write(LeftMargin, 28, title, "start", 18, Ink, "600");
        Write(LeftMargin, 48, subtitle, "start", 12, Grey);
        Legend();
        for (int row = 0; row < _rows.Length; row++)
        {
            double top = TopMargin + (row * (PanelHeight + RowGap));
            for (int column = 0; column < _rows[row].Length; column++)
            {
                DrawPanel(_rows[row][column], LeftMargin + (column * (PanelWidth + Gap)), top, isFirst: column == 0);
            }
        }

        Line($"</svg>");
        return _svg.ToString();
    }

    private void DrawPanel(Result result, double left, double top, bool isFirst)
    {
        IReadOnlyList<long> sizes = result.Comparison.Sizes;
        var panel = new Panel(left, top, PanelWidth, PanelHeight, Axis.Doubling(sizes), _ratios);
        Write(left, top - 8, $"{result.Case.Collective}, {result.Case.Ranks} ranks", "start", 12, Ink, "600");
        Frame(panel, sizes, isFirst);
        Line($"<line x1=\"{left}\" x2=\"{left + PanelWidth}\" y1=\"{panel.Y(1):F1}\" y2=\"{panel.Y(1):F1}\" stroke=\"{Grey}\" stroke-width=\"2\"/>");
        foreach ((string name, string colour, string dashes) in Curves)
        {
            if (result.Comparison.Find(name) is { } index)
            {
                Estimate[] ratios = [.. sizes.Select(bytes => result.Comparison.Ratio(index, bytes))];
                Band(panel, sizes, ratios, colour);
                Line($"<polyline points=\"{Points(panel, sizes, ratios.Select(ratio => ratio.Median))}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\" stroke-linejoin=\"round\"/>");
            }
        }
    }

    private void Legend()
    {
        double x = LeftMargin;
        foreach ((string name, string colour, string dashes) in Curves.Append(("best peer", Grey, "none")))
        {
            Line($"<line x1=\"{x}\" x2=\"{x + 22}\" y1=\"68\" y2=\"68\" stroke=\"{colour}\" stroke-width=\"2.5\" stroke-dasharray=\"{dashes}\"/>");
            Write(x + 28, 72, name, "start", 12, Ink);
            x += 56 + (7 * name.Length);
        }
    }

    private void Frame(Panel panel, IReadOnlyList<long> sizes, bool withRatios)
    {
        foreach (double value in panel.Vertical.Ticks)
        {
            Line($"<line x1=\"{panel.Left}\" x2=\"{panel.Left + panel.Width}\" y1=\"{panel.Y(value):F1}\" y2=\"{panel.Y(value):F1}\" stroke=\"#e3e3e3\"/>");
            if (withRatios)
            {
                Write(panel.Left - 8, panel.Y(value) + 4, value.ToString("#,0.####", CultureInfo.InvariantCulture), "end", 11, Grey);
            }
        }

        Line($"<rect x=\"{panel.Left}\" y=\"{panel.Top}\" width=\"{panel.Width}\" height=\"{panel.Height}\" fill=\"none\" stroke=\"#9a9a9a\"/>");
        foreach (long bytes in sizes.Where((_, i) => i % ((sizes.Count / 4) + 1) == 0))
        {
            Line($"<line x1=\"{panel.X(bytes):F1}\" x2=\"{panel.X(bytes):F1}\" y1=\"{panel.Bottom}\" y2=\"{panel.Bottom + 5}\" stroke=\"#9a9a9a\"/>");
            Write(panel.X(bytes), panel.Bottom + 18, Text.Bytes(bytes), "middle", 11, Grey);
        }
    }

    private void Band(Panel panel, IReadOnlyList<long> sizes, Estimate[] ratios, string colour)
    {
        string upper = Points(panel, sizes, ratios.Select(ratio => ratio.High));
        string lower = Points(panel, sizes.Reverse(), ratios.Reverse().Select(ratio => ratio.Low));
        Line($"<polygon points=\"{upper} {lower}\" fill=\"{colour}\" fill-opacity=\"0.15\"/>");
    }

    private static string Points(Panel panel, IEnumerable<long> sizes, IEnumerable<double> values) =>
        string.Join(' ', sizes.Zip(values, (bytes, value) => string.Create(CultureInfo.InvariantCulture, $"{panel.X(bytes):F1},{panel.Y(value):F1}")));

    private void Write(double x, double y, string text, string anchor, int size, string colour, string weight = "400") =>
        Line($"<text x=\"{x:F1}\" y=\"{y:F1}\" text-anchor=\"{anchor}\" font-size=\"{size}\" font-weight=\"{weight}\" fill=\"{colour}\">{System.Security.SecurityElement.Escape(text)}</text>");

    private void Line(FormattableString text) => _svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
