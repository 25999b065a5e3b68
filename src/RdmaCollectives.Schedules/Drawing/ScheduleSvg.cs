using System.Globalization;
using System.Text;

namespace RdmaCollectives.Schedules.Drawing;

/// <summary>
/// Draws a schedule as an SVG picture: a row per rank, time from left to right, a box per step (copies that follow each other share one), an arrow per message, a colour per chunk. A pale box holds
/// a partial result, with the ranks in it, or a block on its way, with the rank that it is of; a solid one is complete, or in its place. The picture brings its own background; the same schedule gives the same bytes.
/// </summary>
public sealed class ScheduleSvg
{
    private const int Margin = 24;
    private const int LabelWidth = 78;
    private const int HeaderHeight = 84;
    private const int BoxWidth = 116;
    private const int BoxHeight = 54;
    private const int ColumnPitch = 160;
    private const int RowPitch = 92;
    private const int LeastWidth = 700; // of the legend
    private const int LegendHeight = 26;
    private const int TextBaseline = 17;
    private const int LineHeight = 15;

    // Dark enough for white text, far enough apart for most eyes.
    private static readonly string[] Colours = ["#0b6bb0", "#c2500a", "#0b8260", "#9b3f86", "#8a6d00", "#5a50c8", "#a8323e", "#3f6b7a"];

    private readonly ISchedule _schedule;
    private readonly Shape _shape;
    private readonly IReadOnlyList<TracedStep> _steps;
    private readonly StepWords _words;
    private readonly StringBuilder _svg = new();

    private ScheduleSvg(ISchedule schedule, Shape shape)
    {
        _schedule = schedule;
        _shape = shape;
        _steps = ScheduleTrace.Of(schedule, shape);
        int chunks = schedule.ChunkCount(shape);
        _words = new StepWords(schedule.Collective, chunks, pieces: Math.Max(1, chunks / shape.Ranks));
    }

    private int Rows => _shape.Ranks * _shape.Channels;

    private int Columns => _steps.Count == 0 ? 0 : _steps.Max(static step => step.Column) + 1;

    private int Width => Math.Max(LeastWidth, (2 * Margin) + LabelWidth + (Columns * ColumnPitch) - (ColumnPitch - BoxWidth));

    private int Height => HeaderHeight + (Rows * RowPitch) + LegendHeight;

    /// <summary>The picture of a schedule that comes to its end; readable up to about 8 ranks.</summary>
    public static string Draw(ISchedule schedule, in Shape shape)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        shape.Validate();
        return new ScheduleSvg(schedule, shape).Draw();
    }

    private string Draw()
    {
        Line($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif\">");
        Line($"<title>{Title()}</title>");
        Line($"<rect width=\"{Width}\" height=\"{Height}\" rx=\"12\" fill=\"#ffffff\" stroke=\"#d7dce2\"/>");
        DrawGrid();
        foreach (TracedStep step in _steps.Where(static step => step.Sender is not null))
        {
            DrawArrow(step.Sender!, step);
        }

        foreach (TracedStep step in _steps)
        {
            DrawStep(step);
        }

        DrawLegend();
        Line($"</svg>");
        return _svg.ToString();
    }

    private string Title()
    {
        string channels = _shape.Channels == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", {_shape.Channels} channels");
        return string.Create(CultureInfo.InvariantCulture, $"{_schedule.Collective}, {_schedule.Name}, {_shape.Ranks} ranks{channels}");
    }

    private void DrawGrid()
    {
        Line($"<text x=\"{Margin}\" y=\"34\" font-size=\"18\" font-weight=\"600\" fill=\"#1c2630\">{Title()}</text>");
        for (int column = 0; column < Columns; column++)
        {
            Line($"<text x=\"{X(column) + (BoxWidth / 2)}\" y=\"64\" font-size=\"12\" text-anchor=\"middle\" fill=\"#6a7682\">{(column == 0 ? "time 0" : column)}</text>");
        }

        for (int lane = 0; lane < Rows; lane++)
        {
            int middle = Y(lane) + (BoxHeight / 2);
            Line($"<line x1=\"{Margin + LabelWidth - 8}\" y1=\"{middle}\" x2=\"{Width - Margin}\" y2=\"{middle}\" stroke=\"#e4e8ec\" stroke-width=\"2\"/>");
            Line($"<text x=\"{Margin}\" y=\"{middle + 5}\" font-size=\"14\" font-weight=\"600\" fill=\"#1c2630\">rank {lane / _shape.Channels}</text>");
            if (_shape.Channels > 1)
            {
                Line($"<text x=\"{Margin}\" y=\"{middle + 20}\" font-size=\"11\" fill=\"#6a7682\">channel {lane % _shape.Channels}</text>");
            }
        }
    }

    /// <summary>From the right edge of the sender's box to the left edge of the receiver's: level at both ends, so that the turn lies in the gap between two columns.</summary>
    private void DrawArrow(TracedStep from, TracedStep to)
    {
        const int HeadLength = 7;
        int x1 = X(from.Column) + BoxWidth;
        int x2 = X(to.Column) - HeadLength;
        int y1 = Y(from.Lane) + (BoxHeight / 2);
        int y2 = Y(to.Lane) + (BoxHeight / 2);
        int bend = Math.Max(30, (x2 - x1) / 2);
        string colour = Colour(to);
        Line($"<path d=\"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
        Line($"<path d=\"M{x2 + HeadLength} {y2}l-{HeadLength + 1} -5v10z\" fill=\"{colour}\"/>");
    }

    private void DrawStep(TracedStep step)
    {
        int x = X(step.Column);
        int y = Y(step.Lane);
        string colour = Colour(step);
        string text = step.IsComplete ? "#ffffff" : "#1c2630";
        DrawBox(x, y, BoxWidth, BoxHeight, colour, step.IsComplete);
        DrawCentred(x, y + TextBaseline, 12, text, _words.Places(step), isBold: true);
        DrawCentred(x, y + TextBaseline + LineHeight, 12, text, _words.Contents(step), isBold: false);
        DrawCentred(x, y + TextBaseline + (2 * LineHeight), 10.5, text, StepWords.Action(step.Step), isBold: false);
    }

    /// <summary>Solid, or white under a pale tint of the colour.</summary>
    private void DrawBox(int x, int y, int width, int height, string colour, bool isSolid)
    {
        Line($"<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{(isSolid ? colour : "#ffffff")}\"/>");
        Line($"<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{colour}\" fill-opacity=\"{(isSolid ? "1" : "0.12")}\" stroke=\"{colour}\" stroke-width=\"1.5\"/>");
    }

    private void DrawCentred(int x, int y, double size, string colour, string text, bool isBold) =>
        Line($"<text x=\"{x + (BoxWidth / 2)}\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"middle\" fill=\"{colour}\"{(isBold ? " font-weight=\"600\"" : "")}>{text}</text>");

    private void DrawLegend()
    {
        const int SampleWidth = 26;
        const int SampleHeight = 16;
        int y = Height - 36;
        int x = Margin + LabelWidth;
        (string pale, string solid) = _words.Legend;
        foreach ((string words, int width, bool isSolid) in (ReadOnlySpan<(string, int, bool)>)[(pale, 256, false), (solid, 150, true)])
        {
            DrawBox(x, y, SampleWidth, SampleHeight, "#5b6772", isSolid);
            Line($"<text x=\"{x + SampleWidth + 8}\" y=\"{y + 12}\" font-size=\"12\" fill=\"#3a4550\">{words}</text>");
            x += SampleWidth + 8 + width;
        }

        Line($"<path d=\"M{x} {y + 8}h24\" stroke=\"#5b6772\" stroke-width=\"2\"/><path d=\"M{x + 32} {y + 8}l-8 -5v10z\" fill=\"#5b6772\"/>");
        Line($"<text x=\"{x + 40}\" y=\"{y + 12}\" font-size=\"12\" fill=\"#3a4550\">message</text>");
    }

    private static string Colour(TracedStep step) => Colours[step.Values[0].Chunk % Colours.Length];

    private static int X(int column) => Margin + LabelWidth + (column * ColumnPitch);

    private static int Y(int lane) => HeaderHeight + (lane * RowPitch);

    private void Line(FormattableString text) => _svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
