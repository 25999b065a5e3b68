using System.Globalization;
using Spectre.Console;

namespace RdmaCollectives.Tool.Perf;

/// <summary>The table of one run for people, in the columns of nccl-tests; a row as soon as its size is measured.</summary>
internal sealed class PerfTable(IAnsiConsole console, PerfOptions options, PerfRun run)
{
    private readonly IReadOnlyList<Forms> _forms = run.Collective.FormsOf(options.Placement);

    /// <summary>Narrower terminals do without the columns that the first lines tell as well.</summary>
    private readonly bool _isWide = console.Profile.Width >= 100;

    private readonly List<PerfResult> _results = [];

    private string Gap => _isWide ? "   " : " ";

    /// <summary>Of the four columns together.</summary>
    private int HalfWidth => Gap.Length + 28;

    public long Wrong => _results.Sum(result => result.Wrong ?? 0);

    /// <summary>What holds for all runs, then the heading of this one.</summary>
    public void BeginFirst(Communicator communicator)
    {
        Comment($"rdmacc {ToolVersion.Text} on {Environment.MachineName}: {Title(communicator.WorldSize)}");
        if (communicator.Transports.Count == 0)
        {
            Comment("one rank alone: no transport");
        }

        foreach (TransportInfo transport in communicator.Transports)
        {
            Comment($"rank {communicator.Rank}: {transport}");
        }

        string buffers = options.Buffers == BufferKind.Array ? "ordinary memory" : "Communicator.Allocate";
        Comment($"buffers: {buffers}; {Count(options.Iterations, "timed call")} a size after a warm-up until steady");
        Comment("time: the median call, on its slowest rank; 1 GB = 1e9 bytes");
        Columns();
    }

    /// <summary>The heading of a further run.</summary>
    public void Begin(int ranks)
    {
        Line("");
        Comment(Title(ranks));
        Columns();
    }

    /// <summary>In place of results: why there are none.</summary>
    public void Refused(string reason) => Comment($"not measured: {reason}");

    /// <summary>The results of one size: out of place, in place, or both.</summary>
    public void Add(IReadOnlyList<PerfResult> results)
    {
        _results.AddRange(results);
        PerfResult any = results[0];
        Line(Fields(Invariant($"{any.Bytes}"), Invariant($"{any.Elements}"), any.Dtype, any.Op) + string.Concat(results.Select(Half)));
    }

    public void End()
    {
        string wrong = _results.TrueForAll(result => result.Wrong is null) ? "results not checked" : Wrong == 0 ? "[green]0 wrong[/]" : Invariant($"[red bold]{Wrong} wrong[/]");
        string bandwidth = run.Collective.HasSize ? $"; average busbw {Bandwidth(_results.Average(result => result.BusbwGBps))} GB/s" : "";
        Line("");
        Line(Invariant($"# {Count(_results.Select(result => result.Bytes).Distinct().Count(), "size")}, {wrong}{bandwidth}"));
    }

    private string Title(int ranks)
    {
        PerfCollective collective = run.Collective;
        string algorithm = run.Algorithm is null ? "" : $" by {run.Algorithm}";
        string reduction = collective.IsReducing ? $", {options.Reduction.ShortName}{(options.BitExact ? ", bit-exact" : "")}" : "";
        string root = collective.HasRoot ? Invariant($", root {options.Root}") : "";
        return $"{collective.Name}{algorithm}{(collective.HasSize ? $", {options.DataType.ShortName()}" : "")}{reduction}{root}, {Count(ranks, "rank")}";
    }

    private void Columns()
    {
        if (run.Collective.HasSize)
        {
            Comment($"algbw = size / time; busbw = algbw{(run.Collective.BusFormula == "1" ? "" : $" * {run.Collective.BusFormula}")}");
        }

        Line("");
        Heading(Fields("", "", "", "") + string.Concat(_forms.Select(form => Over(form == Forms.InPlace ? "in-place" : "out-of-place"))));
        Heading(Fields("size", "count", "type", "redop") + ForEachForm("time", "algbw", "busbw", "#wrong"));
        Heading(Fields("(B)", "(elem.)", "", "") + ForEachForm("(us)", "(GB/s)", "(GB/s)", ""));
    }

    private string Fields(string size, string count, string type, string op) => _isWide ? $"{size,12} {count,12} {type,8} {op,6}" : $"{size,10} {count,9}";

    /// <summary>In the middle over four columns.</summary>
    private string Over(string text) => text.PadLeft((HalfWidth + text.Length) / 2).PadRight(HalfWidth);

    private string ForEachForm(string time, string algbw, string busbw, string wrong) =>
        string.Concat(Enumerable.Repeat($"{Gap}{time,7} {algbw,6} {busbw,6} {wrong,6}", _forms.Count));

    private string Half(PerfResult result)
    {
        string wrong = $"{result.Wrong?.ToString(CultureInfo.InvariantCulture) ?? "N/A",6}";
        return $"{Gap}{Microseconds(result.TimeUs.Median),7} {Bandwidth(result.AlgbwGBps),6} [bold]{Bandwidth(result.BusbwGBps),6}[/] {(result.Wrong > 0 ? $"[red bold]{wrong}[/]" : wrong)}";
    }

    private void Heading(string text) => Line($"[bold]{text.TrimEnd()}[/]");

    /// <summary>Lines that begin with #, so that a program that reads the table passes over them.</summary>
    private void Comment(string text)
    {
        string line = "#";
        foreach (string word in text.Split(' '))
        {
            if (line.Length + 1 + word.Length > console.Profile.Width && line.Length > 3)
            {
                Line(Markup.Escape(line));
                line = "#  ";
            }

            line += " " + word;
        }

        Line(Markup.Escape(line));
    }

    private void Line(string markup) => console.MarkupLine(markup);

    private static string Microseconds(double value) => value.ToString(value < 100 ? "0.00" : value < 10_000 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Bandwidth(double value) => value.ToString(value < 10 ? "0.000" : value < 100 ? "0.00" : "0.0", CultureInfo.InvariantCulture);

    private static string Count(int count, string noun) => Invariant($"{count} {noun}{(count == 1 ? "" : "s")}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
