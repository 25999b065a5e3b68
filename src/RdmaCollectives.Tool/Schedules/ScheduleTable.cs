using System.Globalization;
using RdmaCollectives.Schedules;
using RdmaCollectives.Schedules.Verification;
using Spectre.Console;

namespace RdmaCollectives.Tool.Schedules;

/// <summary>What verified schedules cost and keep, a row each.</summary>
internal sealed class ScheduleTable
{
    private readonly Table _table = new Table().Border(TableBorder.Simple)
        .AddColumn(new TableColumn("schedule").NoWrap())
        .AddColumn("shape")
        .AddColumn("proved")
        .AddColumns([.. ((string[])["steps", "hops", "messages", "volume", "reduced", "credits"]).Select(name => new TableColumn(name).RightAligned())])
        .AddColumn("traits");

    public void Add(string name, Shape shape, ScheduleReport report) => _table.AddRow(
        Markup.Escape(name),
        ScheduleTarget.InWords(shape),
        report.IsExact ? "[green]exactly[/]" : "by fingerprint",
        Number(report.Steps),
        Number(report.Hops),
        Number(report.MessagesSent),
        report.VolumePerRank.ToString("0.###", CultureInfo.InvariantCulture),
        ((double)report.Reductions / report.Chunks).ToString("0.###", CultureInfo.InvariantCulture),
        Number(report.LeastCredits),
        report.Traits == ScheduleTraits.None ? "none" : report.Traits.ToString());

    public void AddMissing(string name, Shape shape) => _table.AddRow(Markup.Escape(name), ScheduleTarget.InWords(shape), "[dim]no such shape[/]");

    public void Show()
    {
        Terminal.Output.Write(_table);
        Terminal.Output.WriteLine("Of the rank that has most: steps; messages and volume sent; volume reduced. Hops: messages that wait for each other. Volumes are in buffers of all blocks.");
        Terminal.Output.WriteLine("Credits: the least number of messages in flight between two ranks with which it comes to its end. Traits: what holds for the shape.");
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
