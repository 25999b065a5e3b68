using System.Xml.Linq;
using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Reports;

/// <summary>
/// The report of <c>rdmacc perf --html</c>: one page, XML and HTML at once, with pictures and style of its own and no script, so that it opens anywhere and for ever.
/// </summary>
internal static class ReportPage
{
    /// <param name="results">What was measured; the order of collectives is the tool's, that of lines is theirs.</param>
    /// <param name="facts">Names and values for the head of the page.</param>
    public static string Make(IReadOnlyList<PerfResult> results, IEnumerable<(string Name, string Value)> facts)
    {
        PerfCollective[] measured = [.. PerfCollectives.All.Where(collective => results.Any(result => result.Collective == collective.Name))];
        long wrong = results.Sum(result => result.Wrong ?? 0);
        var html = new XElement("html", new XAttribute("lang", "en"),
            new XElement("head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
                new XElement("title", "Collectives, measured by rdmacc"),
                new XElement("style", PageStyle.Css)),
            new XElement("body",
                new XElement("h1", "Collectives, measured"),
                new XElement("dl", facts.SelectMany(fact => (XElement[])[new("dt", fact.Name), new("dd", fact.Name == "command" ? new XElement("code", fact.Value) : fact.Value)])),
                new XElement("p", "A time is the median of the timed calls; each call takes as long as its slowest rank. algbw is size by time, busbw what the slowest link must have carried (the formulas of nccl-tests); 1 GB is 1e9 bytes. The marks tell more under the pointer; the legend shows one line alone."),
                wrong > 0 ? new XElement("p", new XAttribute("class", "bad"), FormattableString.Invariant($"{wrong} elements were wrong. The numbers of those lines say nothing.")) : null,
                new XElement("nav", measured.Select(collective => new XElement("a", new XAttribute("href", $"#{collective.Name}"), collective.Name))),
                measured.Select(collective => Section(collective, [.. results.Where(result => result.Collective == collective.Name)]))));
        return $"<!DOCTYPE html>\n{html}\n";
    }

    private static XElement Section(PerfCollective collective, PerfResult[] results)
    {
        IReadOnlyList<ReportLine> lines = ReportLine.Of(results);
        string formula = collective.HasSize ? $" busbw = algbw{(collective.BusFormula == "1" ? "" : $" × {collective.BusFormula}")}." : "";
        return new XElement("section", new XAttribute("id", collective.Name),
            new XElement("h2", collective.Name),
            new XElement("p", new XAttribute("class", "faint"), $"{char.ToUpperInvariant(collective.Summary[0])}{collective.Summary[1..]}.{formula}"),
            collective.HasSize ? Legend(lines) : null,
            new XElement("div", new XAttribute("class", "plots"), Plots(collective, lines)),
            new XElement("div", new XAttribute("class", "scroll"), collective.HasSize ? ResultTable.BySize(lines) : ResultTable.ByLine(lines)));
    }

    private static IEnumerable<XElement> Plots(PerfCollective collective, IReadOnlyList<ReportLine> lines)
    {
        if (!collective.HasSize)
        {
            yield return Figure("Time of a call: least, median, 99th percentile", RangePlot.Draw(lines, $"{collective.Name}: range of times"));
            yield break;
        }

        yield return Figure("Time of a call over the size", LinePlot.Draw(lines, $"{collective.Name}: time over size", result => result.TimeUs.Median, Quantity.Time));
        yield return lines.All(line => line.Results.All(result => result.BusbwGBps > 0))
            ? Figure("busbw over the size", LinePlot.Draw(lines, $"{collective.Name}: busbw over size", result => result.BusbwGBps, Quantity.Bandwidth))
            : new XElement("p", new XAttribute("class", "faint"), "With one rank nothing goes between ranks: there is no busbw.");
    }

    private static XElement Figure(string caption, XElement picture) => new("figure", new XElement("figcaption", caption), picture);

    private static XElement Legend(IReadOnlyList<ReportLine> lines) => new("ul", new XAttribute("class", "legend"),
        lines.Select(line => new XElement("li", new XAttribute("class", PageStyle.ClassOf(line)),
            Svg.Picture(40, 14, line.Label, Svg.Group($"c{line.Style.Colour}", Svg.Curve(line.Style, [(1, 7), (39, 7)]), Svg.Mark(line.Style, 20, 7, line.Label))),
            new XElement("span", line.Label))));
}
