using System.Globalization;
using Spectre.Console;

namespace RdmaCollectives.Tool.Perf;

/// <summary>The table for people, in the columns of nccl-tests; a row as soon as its size is measured.</summary>
internal sealed class PerfTable(IAnsiConsole console, PerfOptions options)
{
    /// <summary>Narrower terminals do without the columns that the first lines tell as well.</summary>
    private readonly bool _isWide = console.Profile.Width >= 100;

    private readonly List<PerfResult> _results = [];

    public long Wrong => _results.Sum(result => result.Wrong ?? 0);

    public void Begin(Communicator communicator)
    {
        Comment($"rdmacc {ToolVersion.Text} on {Environment.MachineName}: all_reduce, {options.DataType.ShortName()}, {options.ReduceOp.ShortName()}, {Count(communicator.WorldSize, "rank")}");
        if (communicator.Transports.Count == 0)
        {
            Comment("one rank alone: no transport");
        }

        foreach (TransportInfo transport in communicator.Transports)
        {
            Comment($"rank {communicator.Rank} to {transport}");
        }

        Comment($"buffers: {(options.Buffers == BufferKind.Array ? "ordinary memory" : "Communicator.Allocate")}; {Count(options.Iterations, "timed call")} a size, after at least {options.Warmups} and until steady");
        Comment("time: the median call, on its slowest rank; algbw = size / time; busbw = algbw * 2(n-1)/n; 1 GB = 1e9 bytes");
        Line("");
        string fields = _isWide ? $"{"",12} {"",12} {"",8} {"",6}" : $"{"",10} {"",10}";
        Line($"[bold]{fields}{(options.OutOfPlace ? Heading("out-of-place") : "")}{(options.InPlace ? Heading("in-place") : "")}[/]");
        Line($"[bold]{(_isWide ? $"{"size",12} {"count",12} {"type",8} {"redop",6}" : $"{"size",10} {"count",10}")}{Columns("time", "algbw", "busbw", "#wrong")}[/]");
        Line($"[bold]{(_isWide ? $"{"(B)",12} {"(elements)",12} {"",8} {"",6}" : $"{"(B)",10} {"(elements)",10}")}{Columns("(us)", "(GB/s)", "(GB/s)", "")}[/]");
    }

    /// <summary>The results of one size: out of place, in place, or both.</summary>
    public void Add(IReadOnlyList<PerfResult> results)
    {
        _results.AddRange(results);
        PerfResult any = results[0];
        string fields = _isWide
            ? Invariant($"{any.Bytes,12} {any.Elements,12} {any.Dtype,8} {any.Op,6}")
            : Invariant($"{any.Bytes,10} {any.Elements,10}");
        Line(fields + string.Concat(results.Select(Half)));
    }

    public void End()
    {
        double average = _results.Average(result => result.BusbwGBps);
        string wrong = !options.Check ? "results not checked" : Wrong == 0 ? "[green]0 wrong[/]" : Invariant($"[red bold]{Wrong} wrong[/]");
        Line("");
        Line(Invariant($"# {Count(_results.Select(result => result.Bytes).Distinct().Count(), "size")}, {wrong}; average busbw {Bandwidth(average)} GB/s"));
    }

    private static string Heading(string text) => $"   {text.PadLeft((29 + text.Length) / 2).PadRight(28)}";

    private string Columns(string time, string algbw, string busbw, string wrong) =>
        string.Concat(Enumerable.Repeat($"  {time,8} {algbw,6} {busbw,6} {wrong,6}", (options.OutOfPlace ? 1 : 0) + (options.InPlace ? 1 : 0)));

    private static string Half(PerfResult result)
    {
        string wrong = $"{result.Wrong?.ToString(CultureInfo.InvariantCulture) ?? "N/A",6}";
        return $"  {Microseconds(result.TimeUs.Median),8} {Bandwidth(result.AlgbwGBps),6} [bold]{Bandwidth(result.BusbwGBps),6}[/] {(result.Wrong > 0 ? $"[red bold]{wrong}[/]" : wrong)}";
    }

    private void Comment(string text) => Line("# " + Markup.Escape(text));

    private void Line(string markup) => console.MarkupLine(markup);

    private static string Microseconds(double value) => value.ToString(value < 100 ? "0.00" : value < 10_000 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Bandwidth(double value) => value.ToString(value < 10 ? "0.000" : value < 100 ? "0.00" : "0.0", CultureInfo.InvariantCulture);

    private static string Count(int count, string noun) => Invariant($"{count} {noun}{(count == 1 ? "" : "s")}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
