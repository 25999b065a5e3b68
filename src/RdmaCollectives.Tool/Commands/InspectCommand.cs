using System.CommandLine;
using System.Text.Json;
using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.Inspect;

namespace RdmaCollectives.Tool.Commands;

/// <summary><c>rdmacc inspect</c>: reads the dumps of the flight recorder of all ranks, and says who was late, which link is slow, and whose calls differ.</summary>
internal static class InspectCommand
{
    private static readonly Argument<string[]> Files = new("dumps") { Description = "The files that the ranks wrote, or directories of them.", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<string?> Json = OptionKinds.Text("--json", [], "Also write what was found as JSON to this file; - for standard output, and nothing else.", "FILE");
    private static readonly Option<bool> Timeline = new("--timeline") { Description = "Also show the last calls, rank by rank." };

    public static Command Make()
    {
        var command = new Command("inspect", "Reads what the flight recorders of all ranks wrote, and names the late rank, the slow link, the calls that differ.") { Files, Json, Timeline };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string[] paths = [.. (parsed.GetValue(Files) ?? []).SelectMany(Expand)];
        if (paths.Length is 0 or > DumpReader.MostFiles)
        {
            throw ToolException.BadArguments(paths.Length == 0
                ? "inspect needs the files that the flight recorder wrote: rdmacc inspect dumps/*.json"
                : $"inspect reads at most {DumpReader.MostFiles} files; these are {paths.Length}. Take the ranks that matter.");
        }

        string? json = parsed.GetValue(Json);
        OutputFile.Check("--json", json);
        IReadOnlyList<CommunicatorDumps> communicators = CommunicatorDumps.Group(paths.Select(DumpReader.Read));
        InspectReport[] reports = [.. communicators.Select(InspectReport.Of)];
        if (json == "-")
        {
            Console.WriteLine(JsonSerializer.Serialize(reports, InspectJson.Readable.InspectReportArray));
            return ExitCode.Success;
        }

        foreach ((InspectReport report, CommunicatorDumps dumps) in reports.Zip(communicators))
        {
            InspectView.Show(report, dumps, parsed.GetValue(Timeline));
        }

        if (json is not null)
        {
            using StreamWriter file = OutputFile.Create("--json", json);
            file.WriteLine(JsonSerializer.Serialize(reports, InspectJson.Readable.InspectReportArray));
        }

        return ExitCode.Success;
    }

    private static string[] Expand(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        string[] files = [.. Directory.EnumerateFiles(path, "rdmacc-*.json").Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw ToolException.BadArguments($"{path}: there is no dump in this directory (rdmacc-*.json).");
    }
}
