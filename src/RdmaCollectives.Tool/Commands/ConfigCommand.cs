using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace RdmaCollectives.Tool.Commands;

/// <summary><c>rdmacc config</c>: every option as it stands for a program that is started here.</summary>
internal static class ConfigCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "A JSON array of all options." };

    public static Command Make()
    {
        var command = new Command("config", "Lists every option of the library, its value, and where that comes from. Secrets are not shown.") { Json };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        IReadOnlyList<OptionValue> options = new CommunicatorOptions().Describe();
        if (parsed.GetValue(Json))
        {
            Console.WriteLine(JsonSerializer.Serialize(options, ConfigJson.Default.IReadOnlyListOptionValue));
        }
        else
        {
            Show(options);
        }

        string[] problems = [.. options.Select(option => option.Problem).OfType<string>()];
        return problems.Length == 0 ? ExitCode.Success : throw ToolException.BadArguments(string.Join(' ', problems));
    }

    private static void Show(IReadOnlyList<OptionValue> options)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("variable", "value", "from", "description");
        foreach (OptionValue option in options)
        {
            string colour = option.Problem is not null ? "red" : option.Source == OptionSource.Default ? "dim" : "green";
            table.AddRow(
                Markup.Escape(option.Variable),
                $"[{colour}]{Markup.Escape(option.Value)}[/]",
                $"[{colour}]{Markup.Escape(option.Origin)}[/]",
                Markup.Escape($"{option.Description} Allowed: {option.Allowed}."));
        }

        Terminal.Output.Write(table);
    }
}

/// <summary>JSON without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(IReadOnlyList<OptionValue>))]
internal sealed partial class ConfigJson : JsonSerializerContext;
