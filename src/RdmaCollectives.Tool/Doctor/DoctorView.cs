using System.Globalization;
using RdmaCollectives.Tool.Doctor.Pairs;
using RdmaCollectives.Tool.Inspect;
using Spectre.Console;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>A report for people: a table per host, one of what differs between hosts, one of what is between ranks, the matrix, and a last line that counts.</summary>
internal static class DoctorView
{
    /// <summary>A wider matrix fits no terminal; JSON has all of it.</summary>
    private const int MostColumns = 16;

    /// <param name="report">What was found.</param>
    /// <param name="isVerbose">Also what each <see cref="Severity.Ok"/> was read from.</param>
    public static void Show(DoctorReport report, bool isVerbose)
    {
        IAnsiConsole console = Terminal.Output;
        foreach (HostReport host in report.Hosts)
        {
            string ranks = host.Ranks.Count == 0 ? "" : $", {Words.Ranks(host.Ranks)}";
            console.MarkupLineInterpolated($"[bold]Host {host.Host}[/], Linux {host.Kernel}{ranks}");
            console.Write(TableOf(host.Findings, isVerbose));
        }

        if (report.Comparison.Count > 0)
        {
            console.MarkupLine("[bold]Between hosts[/]");
            console.Write(TableOf(report.Comparison, isVerbose));
        }

        if (report.Pairs.Count > 0)
        {
            console.MarkupLine("[bold]Between ranks[/]");
            console.Write(TableOf(report.Pairs, isVerbose));
        }

        if (report.Matrix.Count > 0)
        {
            Show(console, report.Matrix);
        }

        console.MarkupLine(Summary([.. report.AllFindings]));
    }

    public static void ShowChecks(Selection checks)
    {
        Terminal.Output.Write(ListOf("check", "what it looks at", checks.Checks.Select(check => (check.Name, check.Summary))));
        Terminal.Output.Write(ListOf("between hosts", "what is compared", checks.Comparisons.Select(comparison => (comparison.Name, comparison.Summary))));
    }

    private static Table ListOf(string name, string summary, IEnumerable<(string Name, string Summary)> rows)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns(name, summary);
        foreach ((string first, string second) in rows)
        {
            table.AddRow(Markup.Escape(first), Markup.Escape(second));
        }

        return table;
    }

    private static Table TableOf(IEnumerable<Finding> findings, bool isVerbose)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("check").NoWrap()).AddColumn(new TableColumn("severity").NoWrap()).AddColumn(new TableColumn("found, evidence, remedy"));
        foreach (Finding finding in findings)
        {
            string remedy = finding.Remedy is null ? "" : $"\n[bold]{Markup.Escape($"-> {finding.Remedy}")}[/]";
            string evidence = finding.Severity == Severity.Ok && !isVerbose ? "" : $"\n[dim]{Markup.Escape(finding.Evidence)}[/]";
            table.AddRow(Markup.Escape(finding.Check), InColour(finding.Severity), Markup.Escape(finding.Text) + evidence + remedy);
        }

        return table;
    }

    private static void Show(IAnsiConsole console, IReadOnlyList<PairRow> pairs)
    {
        int ranks = pairs.Max(pair => pair.High) + 1;
        if (ranks > MostColumns)
        {
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pairs.Count} pairs were measured; --json has them all."));
            return;
        }

        console.WriteLine("Half a round trip of 8 B in µs; ! marks a slow pair:");
        console.Write(Matrix(ranks, (from, to) => PairOf(pairs, from, to) is { } pair ? Cell(pair.LatencyUs, pair.IsSlow) : ""));
        console.WriteLine("Messages of 1 MiB from the row's rank to the column's in GB/s:");
        console.Write(Matrix(ranks, (from, to) => PairOf(pairs, from, to) is { } pair ? Cell(from < to ? pair.ForwardGBps : pair.BackwardGBps, pair.IsSlow) : ""));
    }

    private static PairRow? PairOf(IReadOnlyList<PairRow> pairs, int a, int b) => pairs.FirstOrDefault(pair => pair.Low == Math.Min(a, b) && pair.High == Math.Max(a, b));

    private static string Cell(double value, bool isSlow)
    {
        string text = value < 0.01 ? value.ToString("0.#####", CultureInfo.InvariantCulture) : Size.Number(value);
        return isSlow ? $"[red]{text}![/]" : text;
    }

    private static Table Matrix(int ranks, Func<int, int, string> cell)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn("rank");
        for (int to = 0; to < ranks; to++)
        {
            table.AddColumn(new TableColumn(Words.Number(to)).RightAligned());
        }

        for (int from = 0; from < ranks; from++)
        {
            table.AddRow([Words.Number(from), .. Enumerable.Range(0, ranks).Select(to => from == to ? "-" : cell(from, to))]);
        }

        return table;
    }

    private static string Summary(Finding[] findings)
    {
        int Count(Severity severity) => findings.Count(finding => finding.Severity == severity);
        (int problems, int warnings, int notes) = (Count(Severity.Problem), Count(Severity.Warning), Count(Severity.Note));
        string colour = problems > 0 ? "red" : warnings > 0 ? "yellow" : "green";
        return string.Create(CultureInfo.InvariantCulture, $"[{colour}]{Plural(problems, "problem")}, {Plural(warnings, "warning")}, {Plural(notes, "note")}[/], {Count(Severity.Ok)} as it should be.");
    }

    private static string Plural(int count, string what) => $"{Words.Number(count)} {what}{(count == 1 ? "" : "s")}";

    private static string InColour(Severity severity) => severity switch
    {
        Severity.Ok => "[green]ok[/]",
        Severity.Note => "note",
        Severity.Warning => "[yellow]warning[/]",
        _ => "[red]problem[/]",
    };
}
