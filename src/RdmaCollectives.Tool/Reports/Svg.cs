using System.Xml.Linq;

namespace RdmaCollectives.Tool.Reports;

/// <summary>Elements of a picture. Colours come from the style sheet of the page, by class.</summary>
internal static class Svg
{
    private static readonly XNamespace Space = "http://www.w3.org/2000/svg";

    /// <summary>Marks around the origin: circle, square, triangle, diamond.</summary>
    private static readonly string[] Markers = ["M-3.2,0a3.2,3.2 0 1,0 6.4,0a3.2,3.2 0 1,0 -6.4,0z", "M-2.9,-2.9h5.8v5.8h-5.8z", "M0,-3.9l3.8,6.6h-7.6z", "M0,-4.3l4.1,4.3l-4.1,4.3l-4.1,-4.3z"];

    public static XElement Picture(double width, double height, string label, params object[] content) =>
        Make("svg", new XAttribute("viewBox", $"0 0 {Quantity.Pixels(width)} {Quantity.Pixels(height)}"), new XAttribute("role", "img"), new XAttribute("aria-label", label), content);

    public static XElement Group(string cssClass, params object[] content) => Make("g", new XAttribute("class", cssClass), content);

    public static XElement Line(string cssClass, double x1, double y1, double x2, double y2) =>
        Make("line", new XAttribute("class", cssClass), Number("x1", x1), Number("y1", y1), Number("x2", x2), Number("y2", y2));

    public static XElement Frame(double x, double y, double width, double height) =>
        Make("rect", new XAttribute("class", "frame"), Number("x", x), Number("y", y), Number("width", width), Number("height", height));

    public static XElement Text(string anchor, double x, double y, string text) =>
        Make("text", Number("x", x), Number("y", y), new XAttribute("text-anchor", anchor), text);

    public static XElement Curve(LineStyle style, IEnumerable<(double X, double Y)> points) =>
        Make("polyline", new XAttribute("class", $"curve d{style.Dash}"), new XAttribute("points", string.Join(' ', points.Select(point => $"{Quantity.Pixels(point.X)},{Quantity.Pixels(point.Y)}"))));

    /// <summary>A mark that says something while the pointer is over it.</summary>
    public static XElement Mark(LineStyle style, double x, double y, string title) =>
        Make("path", new XAttribute("class", "mark"), new XAttribute("d", Markers[style.Marker]), new XAttribute("transform", $"translate({Quantity.Pixels(x)} {Quantity.Pixels(y)})"), Make("title", title));

    /// <summary>All of one line, in its colour.</summary>
    public static XElement Series(ReportLine line, params object[] content) => Group($"series c{line.Style.Colour} {PageStyle.ClassOf(line)}", content);

    private static XElement Make(string name, params object[] content) => new(Space + name, content);

    private static XAttribute Number(string name, double value) => new(name, Quantity.Pixels(value));
}
