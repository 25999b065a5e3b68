using System.Xml.Linq;
using RdmaCollectives.Tool.Perf;
using RdmaCollectives.Tool.Reports;

namespace RdmaCollectives.Tool.Tests.Reports;

public class ReportPageTests
{
    private static readonly string[] Transports = ["shm", "tcp"];
    private static readonly string[] Algorithms = ["ring", "tree", "a < b & \"c\""];
    private static readonly long[] Sizes = [8, 4096, 1 << 20];

    [Fact]
    public void Make_EveryCollective_HasPlotsWithALineForEachRunAndATable()
    {
        PerfResult[] results =
        [
            .. from collective in PerfCollectives.All
               from transport in Transports
               from algorithm in Algorithms
               from size in collective.HasSize ? Sizes : [0]
               select Result(collective.Name, transport, algorithm, size),
        ];
        XElement html = Parse(ReportPage.Make(results, [("processor", "<any> & \"other\"")]));

        foreach (PerfCollective collective in PerfCollectives.All)
        {
            XElement section = Assert.Single(html.Descendants("section"), section => (string?)section.Attribute("id") == collective.Name);
            XElement[] plots = [.. section.Descendants("figure")];
            Assert.Equal(collective.HasSize ? 2 : 1, plots.Length);
            foreach (XElement plot in plots)
            {
                XElement[] lines = [.. OfClass(plot, "series")];
                Assert.Equal(Transports.Length * Algorithms.Length, lines.Length);
                Assert.All(lines, line => Assert.Single(OfClass(line, "curve")));
                Assert.All(lines, line => Assert.Equal(collective.HasSize ? Sizes.Length : 1, OfClass(line, "mark").Count()));
                Assert.Equal(lines.Length, lines.Select(Look).Distinct(StringComparer.Ordinal).Count());
            }

            Assert.Equal(collective.HasSize ? Sizes.Length : Transports.Length * Algorithms.Length, Assert.Single(section.Descendants("tbody")).Elements("tr").Count());
        }

        Assert.Equal(PerfCollectives.Names.Select(name => $"#{name}"), html.Descendants("a").Select(link => (string?)link.Attribute("href")), StringComparer.Ordinal);
        Assert.Contains("tcp a < b & \"c\"", html.Value, StringComparison.Ordinal);
        Assert.Contains("<any> & \"other\"", html.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Make_Page_NeedsNothingFromElsewhereAndHasNoScript()
    {
        XElement html = Parse(ReportPage.Make([Result("all_reduce", "shm", PerfResult.Auto, 8)], [("memory", "24 GiB")]));
        Assert.DoesNotContain(html.Descendants(), element => element.Name.LocalName is "script" or "link" or "img" or "iframe" or "object");
        Assert.All(html.Descendants().Attributes().Where(attribute => attribute.Name.LocalName is "href" or "src"), attribute => Assert.StartsWith("#", attribute.Value, StringComparison.Ordinal));
        Assert.DoesNotContain("url(", html.Value, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", html.Value, StringComparison.Ordinal);
        Assert.DoesNotContain('<', PageStyle.Css);
        Assert.DoesNotContain('>', PageStyle.Css); // escaped as XML, a browser would read it as it is written
        Assert.DoesNotContain('&', PageStyle.Css);

        // HTML takes <p/> for the beginning of an element.
        Assert.All(html.Descendants().Where(element => element.Name.NamespaceName.Length == 0 && element.Name.LocalName != "meta"), element => Assert.False(element.IsEmpty, element.Name.LocalName));
    }

    [Fact]
    public void Make_AllMarks_LieInTheirFrame()
    {
        PerfResult[] results = [.. Sizes.Select((size, i) => Result("all_reduce", "shm", PerfResult.Auto, size, median: Math.Pow(50, i)))];
        foreach (XElement plot in Parse(ReportPage.Make(results, [])).Descendants("figure"))
        {
            XElement frame = Assert.Single(OfClass(plot, "frame"));
            double left = Number(frame, "x"), top = Number(frame, "y"), right = left + Number(frame, "width"), bottom = top + Number(frame, "height");
            foreach (XElement mark in OfClass(plot, "mark"))
            {
                string[] at = mark.Attribute("transform")!.Value["translate(".Length..^1].Split(' ');
                Assert.InRange(double.Parse(at[0]), left, right);
                Assert.InRange(double.Parse(at[1]), top, bottom);
            }
        }
    }

    [Fact]
    public void Make_WrongElements_AreSaidAloud()
    {
        XElement html = Parse(ReportPage.Make([Result("all_reduce", "shm", PerfResult.Auto, 8) with { Wrong = 3 }], []));
        Assert.Contains("3 elements were wrong", html.Value, StringComparison.Ordinal);
        Assert.Contains("3 WRONG", html.Value, StringComparison.Ordinal);
        Assert.Contains(OfClass(html, "bad"), element => element.Value == " 3 wrong");
    }

    [Fact]
    public void Make_BothForms_TheirLinesAreNamedApart()
    {
        PerfResult[] results = [.. ((bool[])[false, true]).Select(inPlace => Result("all_reduce", "shm", PerfResult.Auto, 8) with { InPlace = inPlace })];
        XElement html = Parse(ReportPage.Make(results, []));
        Assert.Equal(["shm, out of place", "shm, in place"], html.Descendants("li").Select(item => item.Element("span")!.Value), StringComparer.Ordinal);
    }

    [Fact]
    public void Make_OneRank_SaysThatThereIsNoBusbw()
    {
        XElement html = Parse(ReportPage.Make([Result("all_reduce", "none", PerfResult.Auto, 8) with { Ranks = 1 }], []));
        Assert.Single(html.Descendants("figure"));
        Assert.Contains("there is no busbw", html.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ManyLines_NoTwoLookAlike()
    {
        foreach ((int ways, int algorithms) in ((int, int)[])[(1, 1), (4, 1), (1, 11), (2, 11), (4, 16)])
        {
            IEnumerable<LineStyle> styles = from way in Enumerable.Range(0, ways) from algorithm in Enumerable.Range(0, algorithms) select LineStyle.Of(way, ways, algorithm, algorithms);
            Assert.Equal(ways * algorithms, styles.Distinct().Count());
        }
    }

    private static XElement Parse(string page)
    {
        Assert.StartsWith("<!DOCTYPE html>\n<html", page, StringComparison.Ordinal);
        return XElement.Parse(page["<!DOCTYPE html>".Length..]);
    }

    /// <summary>What tells a line from others: colour, dashes, marker.</summary>
    private static string Look(XElement line) =>
        $"{line.Attribute("class")!.Value}/{OfClass(line, "curve").Single().Attribute("class")!.Value}/{OfClass(line, "mark").First().Attribute("d")!.Value}";

    private static IEnumerable<XElement> OfClass(XElement parent, string name) =>
        parent.Descendants().Where(element => ((string?)element.Attribute("class"))?.Split(' ').Contains(name, StringComparer.Ordinal) == true);

    private static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value);

    private static PerfResult Result(string collective, string transport, string algorithm, long bytes, double median = 20) => new()
    {
        Collective = collective,
        Bytes = bytes,
        Elements = bytes / 4,
        Dtype = "float",
        Op = "sum",
        Ranks = 4,
        Transport = transport,
        Algorithm = algorithm,
        InPlace = false,
        TimeUs = new CallTimes(10 * median, 0.9 * median, median, 1.2 * median, 1.5 * median),
        Warmups = 5,
        Wrong = 0,
    };
}
