using System.Globalization;
using System.Text;

namespace RdmaCollectives.Peers;

/// <summary>Draws comparisons as an SVG picture: above the times over the size, below the ratios to the first contender with the range of the rounds; a column a comparison, all axes logarithmic.</summary>
internal sealed class TimePlot
{
    private const double PanelWidth = 400, TimeHeight = 280, RatioHeight = 180, LeftMargin = 76, Gap = 64, TopMargin = 108, RowGap = 40, BottomMargin = 60, RightMargin = 24;

    private static readonly string[] Colours = ["#5a5a5a", "#1f5fa8", "#c4560c"];

    private readonly StringBuilder _svg = new();
    private readonly IReadOnlyList<Comparison> _comparisons;
    private readonly Axis _times, _ratios;

    private TimePlot(IReadOnlyList<Comparison> comparisons)
    {
        _comparisons = comparisons;
        _times = Axis.Around(comparisons.SelectMany(c => c.Sizes.SelectMany(bytes => c.Contenders.Select((_, i) => c.Time(i, bytes)))));
        _ratios = Axis.Around(comparisons.SelectMany(c => c.Sizes.SelectMany(bytes => c.Contenders.Skip(1).Select((_, i) => c.Ratio(i + 1, bytes).Median))).Append(1));
    }

    private double Width => LeftMargin + (_comparisons.Count * PanelWidth) + ((_comparisons.Count - 1) * Gap) + RightMargin;

    public static string Draw(IReadOnlyList<Comparison> comparisons, string title, string subtitle) => new TimePlot(comparisons).Draw(title, subtitle);

    private string Draw(string title, string subtitle)
    {
        const double Height = TopMargin + TimeHeight + RowGap + RatioHeight + BottomMargin;
        Line($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" font-family=\"Helvetica, Arial, sans-serif\">");
        Line($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#ffffff\"/>");
        Write(LeftMargin, 28, title, "start", 18, "#1a1a1a", "600");
        Write(LeftMargin, 48, subtitle, "start", 12, "#5a5a5a");
        Legend();
        for (int column = 0; column < _comparisons.Count; column++)
        {
            Comparison comparison = _comparisons[column];
            double left = LeftMargin + (column * (PanelWidth + Gap));
            var times = new Panel(left, TopMargin, PanelWidth, TimeHeight, Axis.Doubling(comparison.Sizes), _times);
            var ratios = new Panel(left, TopMargin + TimeHeight + RowGap, PanelWidth, RatioHeight, Axis.Doubling(comparison.Sizes), _ratios);
            Write(left, TopMargin - 10, $"{comparison.Ranks} ranks", "start", 13, "#1a1a1a", "600");
            Frame(times, comparison.Sizes, withSizes: false);
            Frame(ratios, comparison.Sizes, withSizes: true);
            Line($"<line x1=\"{left}\" x2=\"{left + PanelWidth}\" y1=\"{ratios.Y(1):F1}\" y2=\"{ratios.Y(1):F1}\" stroke=\"{Colours[0]}\" stroke-width=\"2\"/>");
            for (int i = 1; i < comparison.Contenders.Count; i++)
            {
                Band(ratios, comparison, i);
            }

            for (int i = 0; i < comparison.Contenders.Count; i++)
            {
                Curve(times, comparison.Sizes, bytes => comparison.Time(i, bytes), Colours[i]);
                if (i > 0)
                {
                    Curve(ratios, comparison.Sizes, bytes => comparison.Ratio(i, bytes).Median, Colours[i]);
                }
            }
        }

        AxisTitle("Time (us)", TopMargin + (TimeHeight / 2));
        AxisTitle($"Time / {_comparisons[0].Contenders[0].Name}", TopMargin + TimeHeight + RowGap + (RatioHeight / 2));
        Write(Width / 2, Height - 14, "Size of the buffer", "middle", 13, "#1a1a1a");
        Line($"</svg>");
        return _svg.ToString();
    }

    private void Legend()
    {
        double x = LeftMargin;
        for (int i = 0; i < _comparisons[0].Contenders.Count; i++)
        {
            string name = _comparisons[0].Contenders[i].Name;
            Line($"<line x1=\"{x}\" x2=\"{x + 22}\" y1=\"64\" y2=\"64\" stroke=\"{Colours[i]}\" stroke-width=\"2.5\"/>");
            Write(x + 28, 68, name, "start", 12, "#1a1a1a");
            x += 56 + (7 * name.Length);
        }
    }

    private void Frame(Panel panel, IReadOnlyList<long> sizes, bool withSizes)
    {
        foreach (double value in panel.Vertical.Ticks)
        {
            Line($"<line x1=\"{panel.Left}\" x2=\"{panel.Left + panel.Width}\" y1=\"{panel.Y(value):F1}\" y2=\"{panel.Y(value):F1}\" stroke=\"#e3e3e3\"/>");
            Write(panel.Left - 8, panel.Y(value) + 4, value.ToString("#,0.####", CultureInfo.InvariantCulture), "end", 11, "#4a4a4a");
        }

        Line($"<rect x=\"{panel.Left}\" y=\"{panel.Top}\" width=\"{panel.Width}\" height=\"{panel.Height}\" fill=\"none\" stroke=\"#9a9a9a\"/>");
        foreach (long bytes in sizes.Where(bytes => long.Log2(bytes) % 4 == 3))
        {
            Line($"<line x1=\"{panel.X(bytes):F1}\" x2=\"{panel.X(bytes):F1}\" y1=\"{panel.Bottom}\" y2=\"{panel.Bottom + 5}\" stroke=\"#9a9a9a\"/>");
            if (withSizes)
            {
                Write(panel.X(bytes), panel.Bottom + 19, Text.Bytes(bytes), "middle", 11, "#4a4a4a");
            }
        }
    }

    private void Curve(Panel panel, IReadOnlyList<long> sizes, Func<long, double> value, string colour) =>
        Line($"<polyline points=\"{Points(sizes.Select(bytes => (panel.X(bytes), panel.Y(value(bytes)))))}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-linejoin=\"round\"/>");

    /// <summary>From the smallest to the largest ratio of the rounds.</summary>
    private void Band(Panel panel, Comparison comparison, int contender)
    {
        IEnumerable<(double, double)> lower = comparison.Sizes.Select(bytes => (panel.X(bytes), panel.Y(comparison.Ratio(contender, bytes).Min)));
        IEnumerable<(double, double)> upper = comparison.Sizes.Reverse().Select(bytes => (panel.X(bytes), panel.Y(comparison.Ratio(contender, bytes).Max)));
        Line($"<polygon points=\"{Points(lower.Concat(upper))}\" fill=\"{Colours[contender]}\" fill-opacity=\"0.15\"/>");
    }

    private static string Points(IEnumerable<(double X, double Y)> points) =>
        string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:F1},{point.Y:F1}")));

    private void AxisTitle(string text, double y) =>
        Line($"<text transform=\"translate(18 {y}) rotate(-90)\" text-anchor=\"middle\" font-size=\"13\" fill=\"#1a1a1a\">{text}</text>");

    private void Write(double x, double y, string text, string anchor, int size, string colour, string weight = "400") =>
        Line($"<text x=\"{x:F1}\" y=\"{y:F1}\" text-anchor=\"{anchor}\" font-size=\"{size}\" font-weight=\"{weight}\" fill=\"{colour}\">{System.Security.SecurityElement.Escape(text)}</text>");

    private void Line(FormattableString text) => _svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
