using System.Globalization;
using Spectre.Console;

namespace RdmaCollectives.Tool.Devices;

/// <summary>Devices for people: a few lines per device and port, then the table of GIDs.</summary>
internal static class DeviceView
{
    public static void Show(IEnumerable<DeviceReport> devices)
    {
        foreach (DeviceReport device in devices)
        {
            Terminal.Output.MarkupLine($"[bold]{Markup.Escape(device.Name)}[/]  {Markup.Escape(device.NodeType)}, {device.Transport}, /dev/infiniband/{Markup.Escape(device.CharacterDevice)}");
            Terminal.Output.MarkupLine($"  node GUID {device.NodeGuid}, firmware {Markup.Escape(device.Firmware is { Length: > 0 } version ? version : "none (a software device)")}");
            if (device.Problem is { } problem)
            {
                Terminal.Output.MarkupLine($"  [red]{Markup.Escape(problem)}[/]");
            }

            foreach (PortReport port in device.Ports)
            {
                Show(port);
            }
        }
    }

    private static void Show(PortReport port)
    {
        string state = port.State == "Active" ? "[green]Active[/]" : $"[red]{port.State}[/]";
        string rate = port.RateGbps > 0 ? string.Create(CultureInfo.InvariantCulture, $"{port.RateGbps:0.#} Gb/s") : "speed unknown";
        string lid = port.Lid == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", LID {port.Lid}");
        Terminal.Output.MarkupLine(string.Create(CultureInfo.InvariantCulture, $"  port {port.Port}: {state}, {port.LinkLayer}{lid}, MTU {port.ActiveMtu} (at most {port.MaxMtu}), {rate}"));

        Table table = new Table().Border(TableBorder.Simple).AddColumns("index", "GID", "type", "interface", "used", "why");
        foreach (GidReport gid in port.Gids)
        {
            table.AddRow(
                gid.Index.ToString(CultureInfo.InvariantCulture),
                Markup.Escape(gid.Gid),
                gid.Type,
                Markup.Escape(gid.NetworkInterface ?? ""),
                gid.IsChosen ? "[green]yes[/]" : "",
                Markup.Escape(gid.Reason));
        }

        Terminal.Output.Write(table);
        if (port.PartitionKeys.Count > 0)
        {
            Terminal.Output.MarkupLine($"  partition keys: {string.Join(", ", port.PartitionKeys)}");
        }

        Terminal.Output.MarkupLine($"  GID: {Markup.Escape(port.Choice)}");
    }
}
