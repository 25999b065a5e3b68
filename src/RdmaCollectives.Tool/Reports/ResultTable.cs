using System.Xml.Linq;
using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Reports;

/// <summary>The numbers below the plots.</summary>
internal static class ResultTable
{
    private const string NotMeasured = "–";

    /// <summary>A row a size, two columns a line.</summary>
    public static XElement BySize(IReadOnlyList<ReportLine> lines) => new("table",
        new XElement("thead",
            new XElement("tr", new XElement("th", new XAttribute("rowspan", 2), "size"), lines.Select(line => new XElement("th", First, new XAttribute("colspan", 2), line.Label))),
            new XElement("tr", lines.Select(_ => (XElement[])[new("th", First, "time (µs)"), new("th", "busbw (GB/s)")]))),
        new XElement("tbody",
            lines.SelectMany(line => line.Results).Select(result => result.Bytes).Distinct().Order().Select(bytes => new XElement("tr",
                new XElement("th", Quantity.Bytes(bytes)), lines.Select(line => Cells(line.Results.FirstOrDefault(result => result.Bytes == bytes)))))));

    /// <summary>A row a line: for what has no size.</summary>
    public static XElement ByLine(IReadOnlyList<ReportLine> lines) => new("table",
        new XElement("thead", new XElement("tr", Heads("", "least (µs)", "median (µs)", "99% (µs)", "most (µs)", "first call (µs)"))),
        new XElement("tbody", lines.Select(line => new XElement("tr", new XElement("th", line.Label), Times(line.Results[0])))));

    private static XAttribute First => new("class", "first");

    private static IEnumerable<XElement> Heads(params string[] names) => names.Select(name => new XElement("th", name));

    private static XElement[] Cells(PerfResult? result) => result is null
        ? [new("td", First, NotMeasured), new("td", NotMeasured)]
        : [new("td", First, Quantity.Digits(result.TimeUs.Median)), new("td", Quantity.Digits(result.BusbwGBps), Wrong(result))];

    private static IEnumerable<XElement> Times(PerfResult result) =>
        ((double[])[result.TimeUs.Min, result.TimeUs.Median, result.TimeUs.P99, result.TimeUs.Max, result.TimeUs.First]).Select(time => new XElement("td", Quantity.Digits(time)));

    private static XElement? Wrong(PerfResult result) => result.Wrong > 0 ? new XElement("span", new XAttribute("class", "bad"), FormattableString.Invariant($" {result.Wrong} wrong")) : null;
}
