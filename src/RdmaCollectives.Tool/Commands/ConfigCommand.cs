using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace RdmaCollectives.Tool.Commands;

/// <summary><c>rdmacc config</c>: every option as it stands for a program that is started here.</summary>
internal static class ConfigCommand
{
    /// <summary>Narrower terminals do without what is allowed.</summary>
    private const int WideColumns = 120;

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
            Console.WriteLine(JsonSerializer.Serialize(options, ConfigJson.Readable.IReadOnlyListOptionValue));
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
        bool isWide = Terminal.Output.Profile.Width >= WideColumns;
        Table table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("variable").NoWrap()).AddColumns("value", "from", "description");
        foreach (OptionValue option in options)
        {
            string colour = option.Problem is not null ? "red" : option.Source == OptionSource.Default ? "dim" : "green";
            table.AddRow(
                Markup.Escape(option.Variable),
                $"[{colour}]{Markup.Escape(option.Value)}[/]",
                $"[{colour}]{Markup.Escape(option.Origin)}[/]",
                Markup.Escape(isWide ? $"{option.Description} Allowed: {option.Allowed}." : option.Description));
        }

        Terminal.Output.Write(table);
    }
}

/// <summary>JSON without reflection.</summary>
[JsonSerializable(typeof(IReadOnlyList<OptionValue>))]
internal sealed partial class ConfigJson : JsonSerializerContext
{
    /// <summary>Quotes stay quotes: this goes to a terminal or a file, never into HTML.</summary>
    public static ConfigJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<OptionSource>() },
    });
}
