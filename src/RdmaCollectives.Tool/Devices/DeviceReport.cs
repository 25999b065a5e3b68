using System.Globalization;
using System.Text.Json.Serialization;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.Devices;

/// <summary>What is told of one device.</summary>
internal sealed record DeviceReport
{
    public required string Name { get; init; }

    public required string CharacterDevice { get; init; }

    public required string NodeType { get; init; }

    public required string Transport { get; init; }

    public required string NodeGuid { get; init; }

    public string? Firmware { get; init; }

    public IReadOnlyList<PortReport> Ports { get; init; } = [];

    /// <summary>Why there is no more: the device can't be opened.</summary>
    public string? Problem { get; init; }

    public static DeviceReport Of(RdmaDevice device)
    {
        var report = new DeviceReport
        {
            Name = device.Name,
            CharacterDevice = device.CharacterDevice,
            NodeType = device.NodeType.ToString(),
            Transport = device.Transport.ToString(),
            NodeGuid = Guid(device.NodeGuid),
        };
        try
        {
            using DeviceContext context = device.Open();
            DeviceAttributes attributes = context.QueryDevice();
            return report with
            {
                Firmware = attributes.FirmwareVersion,
                Ports = [.. Enumerable.Range(1, attributes.PortCount).Select(port => PortReport.Of(device, context, context.QueryPort(port)))],
            };
        }
        catch (VerbsException e)
        {
            return report with { Problem = e.Message };
        }
    }

    /// <summary>As ibv_devinfo writes it: 5054:00ff:fe12:3456.</summary>
    private static string Guid(ulong guid)
    {
        string digits = guid.ToString("x16", CultureInfo.InvariantCulture);
        return string.Join(':', digits.Chunk(4).Select(four => new string(four)));
    }
}

/// <summary>What is told of one port.</summary>
internal sealed record PortReport
{
    public required int Port { get; init; }

    public required string State { get; init; }

    public required string LinkLayer { get; init; }

    /// <summary>0 on Ethernet.</summary>
    public required int Lid { get; init; }

    public required int ActiveMtu { get; init; }

    public required int MaxMtu { get; init; }

    /// <summary>Gigabits per second; 0 if the driver's code is not known.</summary>
    public required double RateGbps { get; init; }

    /// <summary>As 0x8001, in the order of their indices, without empty ones: what RDMACC_PKEY takes.</summary>
    public required IReadOnlyList<string> PartitionKeys { get; init; }

    /// <summary>Which GID is used, and why; or why none can be.</summary>
    public required string Choice { get; init; }

    public required IReadOnlyList<GidReport> Gids { get; init; }

    public static PortReport Of(RdmaDevice device, DeviceContext context, PortAttributes port)
    {
        GidChoice choice = GidChooser.Choose(device.GetGidTable(port.Port), port.LinkLayer);
        return new PortReport
        {
            Port = port.Port,
            State = port.State.ToString(),
            LinkLayer = port.LinkLayer.ToString(),
            Lid = port.LocalIdentifier,
            ActiveMtu = port.ActiveMtu.ByteCount(),
            MaxMtu = port.MaxMtu.ByteCount(),
            RateGbps = port.RateGbps,
            PartitionKeys = [.. Enumerable.Range(0, port.PartitionKeyCount).Select(index => context.QueryPartitionKey(port.Port, index)).Where(key => key != 0).Select(key => $"0x{key:x4}")],
            Choice = choice.Reason,
            Gids = [.. choice.Verdicts.Select(GidReport.Of)],
        };
    }
}

/// <summary>What is told of one GID.</summary>
internal sealed record GidReport(int Index, string Gid, string Type, string? NetworkInterface, bool IsChosen, string Reason)
{
    public static GidReport Of(GidVerdict verdict) =>
        new(verdict.Entry.Index, verdict.Entry.Gid.ToString() ?? "", verdict.Entry.Type.Describe(), verdict.Entry.NetworkInterface, verdict.IsChosen, verdict.Reason);
}

/// <summary>JSON without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DeviceReport[]))]
internal sealed partial class DevicesJson : JsonSerializerContext;
