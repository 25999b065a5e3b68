using System.Globalization;
using System.Text;

namespace DigitsTraining;

/// <summary>Draws training and test loss over the epochs as an SVG picture, with a logarithmic scale: the loss falls a hundredfold.</summary>
internal static class LossCurve
{
    private const double Width = 760;
    private const double Height = 440;
    private const double Left = 72;
    private const double Right = 636;
    private const double Top = 76;
    private const double Bottom = 376;

    private const string TrainingColour = "#1f5fa8";
    private const string TestColour = "#c4560c";

    public static string Draw(IReadOnlyList<EpochResult> epochs, string subtitle)
    {
        double[] losses = [.. epochs.SelectMany(epoch => new[] { epoch.TrainingLoss, epoch.TestLoss }).Select(AboveZero)];
        double[] ticks = LossTicks(losses.Min(), losses.Max());
        int epochStep = epochs.Count <= 10 ? 1 : (int)Math.Ceiling(epochs.Count / 40.0) * 5;
        double X(double epoch) => epochs.Count == 1 ? (Left + Right) / 2 : Left + ((Right - Left) * (epoch - 1) / (epochs.Count - 1));
        double Y(double loss) => Bottom - ((Bottom - Top) * Math.Log(AboveZero(loss) / ticks[0]) / Math.Log(ticks[^1] / ticks[0]));

        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" font-family=\"Helvetica, Arial, sans-serif\">");
        Line(svg, $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#ffffff\"/>");
        Text(svg, Left, 32, "Loss of the digits network", "start", 18, "#1a1a1a", "600");
        Text(svg, Left, 54, subtitle, "start", 13, "#5a5a5a");

        foreach (double loss in ticks)
        {
            Line(svg, $"<line x1=\"{Left}\" x2=\"{Right}\" y1=\"{Y(loss):F1}\" y2=\"{Y(loss):F1}\" stroke=\"{(loss == ticks[0] ? "#4a4a4a" : "#e3e3e3")}\"/>");
            Text(svg, Left - 10, Y(loss) + 4, loss.ToString("0.######", CultureInfo.InvariantCulture), "end", 12, "#4a4a4a");
        }

        foreach (int epoch in EpochTicks(epochs.Count, epochStep))
        {
            Line(svg, $"<line x1=\"{X(epoch):F1}\" x2=\"{X(epoch):F1}\" y1=\"{Bottom}\" y2=\"{Bottom + 5}\" stroke=\"#4a4a4a\"/>");
            Text(svg, X(epoch), Bottom + 20, epoch.ToString(CultureInfo.InvariantCulture), "middle", 12, "#4a4a4a");
        }

        Text(svg, (Left + Right) / 2, Bottom + 46, "Epoch", "middle", 13, "#1a1a1a");
        Line(svg, $"<text transform=\"translate(22 {(Top + Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\" font-size=\"13\" fill=\"#1a1a1a\">Cross-entropy per image (nats, log scale)</text>");

        Curve(svg, epochs.Select((epoch, i) => (X(i + 1), Y(epoch.TrainingLoss))), TrainingColour);
        Curve(svg, epochs.Select((epoch, i) => (X(i + 1), Y(epoch.TestLoss))), TestColour);

        // Each name stands at the end of its line, not on the other one and not below the axis.
        (double training, double test) = (Y(epochs[^1].TrainingLoss), Y(epochs[^1].TestLoss));
        double upper = Math.Min(Math.Min(training, test), Bottom - 36);
        double lower = Math.Min(Math.Max(Math.Max(training, test), upper + 34), Bottom - 2);
        (double trainingLabel, double testLabel) = training < test ? (upper, lower) : (lower, upper);
        Label(svg, trainingLabel, "Training", epochs[^1].TrainingLoss, TrainingColour);
        Label(svg, testLabel, "Test", epochs[^1].TestLoss, TestColour);
        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static IEnumerable<int> EpochTicks(int count, int step)
    {
        yield return 1;
        for (int epoch = step == 1 ? 2 : step; epoch <= count; epoch += step)
        {
            yield return epoch;
        }
    }

    /// <summary>1, 2 and 5 times powers of ten, from the last below <paramref name="lowest"/> to the first above <paramref name="highest"/>.</summary>
    private static double[] LossTicks(double lowest, double highest)
    {
        var ticks = new List<double>();
        for (double power = Math.Pow(10, Math.Floor(Math.Log10(lowest))); ticks.Count == 0 || ticks[^1] <= highest; power *= 10)
        {
            ticks.AddRange([power, 2 * power, 5 * power]);
        }

        int first = Math.Max(0, ticks.FindLastIndex(tick => tick <= lowest));
        int last = ticks.FindIndex(tick => tick > highest);
        return [.. ticks[first..((last < 0 ? ticks.Count - 1 : last) + 1)]];
    }

    /// <summary>A loss that rounds to zero has no logarithm.</summary>
    private static double AboveZero(double loss) => Math.Max(loss, 1e-6);

    private static void Curve(StringBuilder svg, IEnumerable<(double X, double Y)> points, string colour)
    {
        (double X, double Y)[] all = [.. points];
        string path = string.Join(' ', all.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:F1},{point.Y:F1}")));
        Line(svg, $"<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-linejoin=\"round\"/>");
        Line(svg, $"<circle cx=\"{all[^1].X:F1}\" cy=\"{all[^1].Y:F1}\" r=\"3.5\" fill=\"{colour}\"/>");
    }

    private static void Label(StringBuilder svg, double y, string name, double loss, string colour)
    {
        Text(svg, Right + 14, y - 4, name, "start", 13, colour, "600");
        Text(svg, Right + 14, y + 11, loss.ToString("F4", CultureInfo.InvariantCulture), "start", 12, colour);
    }

    private static void Text(StringBuilder svg, double x, double y, string text, string anchor, int size, string colour, string weight = "400")
        => Line(svg, $"<text x=\"{x:F1}\" y=\"{y:F1}\" text-anchor=\"{anchor}\" font-size=\"{size}\" font-weight=\"{weight}\" fill=\"{colour}\">{System.Security.SecurityElement.Escape(text)}</text>");

    private static void Line(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
