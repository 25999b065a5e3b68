using Spectre.Console;

namespace RdmaCollectives.Tool.Inspect;

/// <summary>A report for people: findings in words, then the tables.</summary>
internal static class InspectView
{
    /// <summary>Calls and ranks of a timeline: more are no table any more.</summary>
    private const int MostCalls = 20;
    private const int MostRanks = 16;

    public static void Show(InspectReport report, CommunicatorDumps dumps, bool timeline)
    {
        IAnsiConsole console = Terminal.Output;
        console.MarkupLineInterpolated($"[bold]Communicator of {dumps.Name}[/], {report.Ranks.Count} of {report.WorldSize} ranks{(report.Job.Length == 0 ? "" : $", job {report.Job}")}: {report.CommonCalls} calls in common, clocks compared to within {Words.Time(report.UncertaintyNs)}.");
        foreach (Finding finding in report.Findings)
        {
            console.MarkupLineInterpolated($"[yellow]{finding.Kind}[/]: {finding.Text}");
        }

        if (report.Findings.Count == 0)
        {
            console.WriteLine("Nothing stands out: no rank is late, no link is slow, all made the same calls.");
        }

        console.Write(Ranks(report));
        if (report.Slowest.Count > 0)
        {
            console.Write(Slowest(report));
        }

        if (timeline && dumps.Calls.Count > 0)
        {
            console.Write(Timeline(dumps));
        }
    }

    private static Table Ranks(InspectReport report)
    {
        Table table = TableOf("ranks", "rank", "host", "process", "calls", "in calls", "waited", "share", "most for", "last to enter", "last call");
        foreach (RankRow row in report.Ranks)
        {
            table.AddRow(
                Words.Number(row.Rank), Markup.Escape(row.Host), Words.Number(row.ProcessId), Words.Number(row.Calls), Words.Time(row.InCallsNs), Words.Time(row.WaitedNs), Words.Percent(row.WaitingShare),
                row.AwaitedMost is { } most ? $"rank {Words.Number(most)}" : "", Words.Number(row.LastToEnter), Markup.Escape(row.LastCall is null ? "none" : $"{row.LastCall} {row.LastOutcome}"));
        }

        return table;
    }

    private static Table Slowest(InspectReport report)
    {
        Table table = TableOf("slowest calls", "call", "algorithm", "took", "entries within", "last", "longest wait");
        foreach (SlowRow row in report.Slowest)
        {
            table.AddRow(
                Markup.Escape(row.Call), Markup.Escape(row.Algorithm ?? ""), Words.Time(row.TookNs), Words.Time(row.SpreadNs), $"rank {Words.Number(row.LastRank)}",
                row.AwaitedRank is { } awaited ? $"{Words.Time(row.WaitedNs)}, rank {Words.Number(row.LongestWaiter)} for rank {Words.Number(awaited)}" : "");
        }

        return table;
    }

    // When each rank entered after the first, and how long it was inside.
    private static Table Timeline(CommunicatorDumps dumps)
    {
        Dump[] shown = [.. dumps.Dumps.Take(MostRanks)];
        Table table = TableOf("timeline: entry after the first, and time inside", ["call", "at", .. shown.Select(dump => $"rank {Words.Number(dump.Rank)}")]);
        SharedCall[] calls = [.. dumps.Calls.TakeLast(MostCalls)];
        foreach (SharedCall call in calls)
        {
            table.AddRow([Markup.Escape(call.Name), Words.Time(call.First.Entered - calls[0].First.Entered), .. shown.Select(dump => Cell(call, call.Of(dump.Rank)))]);
        }

        return table;
    }

    private static string Cell(SharedCall call, RankCall? rank) => rank is null
        ? "-"
        : $"+{Words.Time(rank.Entered - call.First.Entered)}, {Words.Time(rank.Took)}{(rank.Call.Outcome == "completed" ? "" : $" {Markup.Escape(rank.Call.Outcome)}")}";

    private static Table TableOf(string title, params string[] columns)
    {
        Table table = new Table().Border(TableBorder.Simple).Title(title).LeftAligned();
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)));
        }

        return table;
    }
}
