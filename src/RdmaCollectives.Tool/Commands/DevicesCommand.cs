using System.CommandLine;
using System.Text.Json;
using RdmaCollectives.Tool.Devices;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.Commands;

/// <summary><c>rdmacc devices</c>: what ibv_devinfo and show_gids tell, and which GID would be used and why.</summary>
internal static class DevicesCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "A JSON array of all devices." };

    public static Command Make()
    {
        var command = new Command("devices", "Lists the RDMA devices of this host with ports and GIDs, and says which GID would be used and why. Exit code 3 if there is none.") { Json };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        if (VerbsLibrary.NotSupportedReason is { } reason)
        {
            throw new ToolException(ExitCode.NotSupported, reason);
        }

        DeviceReport[] devices = [.. RdmaDevice.GetDevices().Select(DeviceReport.Of)];
        if (parsed.GetValue(Json))
        {
            Console.WriteLine(JsonSerializer.Serialize(devices, DevicesJson.Default.DeviceReportArray));
        }
        else
        {
            DeviceView.Show(devices);
        }

        return ExitCode.Success;
    }
}
